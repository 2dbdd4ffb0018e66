import EventLoop
import Postgres
import Synchronization

/// The keys in the database, and this process's copy of them.
///
/// A server hears of a rotation by NOTIFY; a key that it hasn't heard of is looked for at most once
/// a second.
public final class SigningKeys: Sendable {
  /// The channel on which a rotation is told.
  public static let channel = "havocctl_keys"

  private let ring = Mutex<KeyRing?>(nil)
  private let lastLoad = Mutex<UInt64>(0)

  public init() {}

  /// The keys, read from the database the first time; a first key is made where there is none.
  public func keyRing(_ database: any Querying) async throws -> KeyRing {
    if let ring = ring.withLock({ $0 }) { return ring }
    return try await load(database)
  }

  /// The keys as they are known without asking.
  public var known: KeyRing? { ring.withLock { $0 } }

  /// Reads the keys anew.
  @discardableResult
  public func load(_ database: any Querying) async throws -> KeyRing {
    var keys = try await database.all(StoredKey.self, Self.select)
    if !keys.contains(where: { $0.retires == nil }) {
      try await database.query(Self.insert(.text(Self.newKid()), .bytes(Secrets.random(32))))
      keys = try await database.all(StoredKey.self, Self.select)
    }
    guard let current = keys.first(where: { $0.retires == nil }) else {
      throw PostgresError(.decoding, "no signing key could be made", retry: .safe)
    }
    let loaded = KeyRing(
      current: current.key, others: keys.filter { $0.retires != nil }.map(\.key))
    ring.withLock { $0 = loaded }
    return loaded
  }

  /// Reads the keys anew because a token names one that isn't known, unless that was done within
  /// the last second, so that forged names can't make work.
  func reloadForUnknownKey(_ database: any Querying) async throws -> KeyRing? {
    let now = Loop.monotonicNanoseconds()
    let isDue = lastLoad.withLock { last in
      guard now > last + 1_000_000_000 else { return false }
      last = now
      return true
    }
    return isDue ? try await load(database) : nil
  }

  /// Makes a new key the one that signs. Those before it verify until the last token that they
  /// signed has expired.
  /// - Returns: the new key's id.
  public static func rotate(
    _ database: any Querying, lifetimes: Lifetimes, actor: Actor
  ) async throws -> String {
    let kid = newKid()
    let retires = Timestamp.now + max(lifetimes.access, lifetimes.refresh)
    _ = try await database.run([
      retire(.time(retires)),
      insert(.text(kid), .bytes(Secrets.random(32))),
      forget(),
      Audit.record(.keyRotate, by: actor, on: kid),
      Statement.once("NOTIFY \(channel)")(),
    ])
    return kid
  }

  public static let listing = Listing(
    from: "signing_key k", order: "k.created DESC, k.kid",
    [
      .init("kid", .text, "k.kid"),
      .init("created", .time, "k.created"),
      .init("retires", .time, "k.retires"),
      .init(
        "state", .text,
        """
        CASE WHEN k.retires IS NULL THEN 'signs' WHEN k.retires > now() THEN 'verifies' \
        ELSE 'retired' END
        """),
    ])

  private static func newKid() -> String {
    String(decoding: Base64URL.encode(Secrets.random(9)), as: UTF8.self)
  }

  private struct StoredKey: RowDecodable {
    let key: SigningKey
    let retires: Timestamp?

    init(_ cells: inout Cells) throws(DecodingFailure) {
      key = SigningKey(kid: try cells.next(), secret: try cells.next([UInt8].self))
      retires = try cells.next()
    }
  }

  private static let select = Statement(
    """
    SELECT kid, secret, retires FROM signing_key
    WHERE retires IS NULL OR retires > now() ORDER BY created DESC
    """)
  /// Two servers that start at once make one key between them.
  private static let insert = Statement(
    "INSERT INTO signing_key (kid, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING", .writes)
  private static let retire = Statement(
    "UPDATE signing_key SET retires = $1 WHERE retires IS NULL", .writes)
  private static let forget = Statement(
    "DELETE FROM signing_key WHERE retires < now() - interval '1 day'", .writes)
}
