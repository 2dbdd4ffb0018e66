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
  private let seal: Seal?

  /// - Parameter seal: keeps the keys' secrets from whoever reads the database.
  public init(seal: Seal? = nil) { self.seal = seal }

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
      try await database.query(Self.newKey(Self.newKid(), seal))
      keys = try await database.all(StoredKey.self, Self.select)
    }
    guard let current = keys.first(where: { $0.retires == nil }) else {
      throw PostgresError(.decoding, "no signing key could be made", retry: .safe)
    }
    let others = keys.filter { $0.retires != nil }
    let loaded = KeyRing(
      current: try await open(current, database),
      others: try await opened(others, database))
    ring.withLock { $0 = loaded }
    return loaded
  }

  private func opened(
    _ keys: [StoredKey], _ database: any Querying
  ) async throws -> [SigningKey] {
    var opened: [SigningKey] = []
    for key in keys { opened.append(try await open(key, database)) }
    return opened
  }

  /// The key itself; one that was stored before there was a seal is sealed now.
  private func open(_ stored: StoredKey, _ database: any Querying) async throws -> SigningKey {
    guard stored.secret.count > Self.secretLength else {
      if let seal {
        let sealed = seal.seal(stored.secret, label: stored.kid)
        try await database.query(Self.replace, .text(stored.kid), .bytes(sealed))
      }
      return SigningKey(kid: stored.kid, secret: stored.secret)
    }
    guard let seal else { throw Sealed.noKey }
    guard let secret = seal.open(stored.secret, label: stored.kid) else { throw Sealed.otherKey }
    return SigningKey(kid: stored.kid, secret: secret)
  }

  /// The signing keys can't be read.
  public enum Sealed: Error, Sendable, CustomStringConvertible {
    case noKey
    case otherKey

    public var description: String {
      switch self {
      case .noKey: "the signing keys in the database are sealed, and there is no key to open them"
      case .otherKey: "the signing keys in the database were sealed with another key"
      }
    }
  }

  /// Reads the keys anew because a token names one that isn't known, unless that was done within
  /// the last second, so that forged names can't make work.
  func reloadForUnknownKey(
    _ database: any Querying, now: UInt64 = Loop.monotonicNanoseconds()
  ) async throws -> KeyRing? {
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
  public func rotate(
    _ database: any Querying, lifetimes: Lifetimes, actor: Actor
  ) async throws -> String {
    let kid = Self.newKid()
    let retires = Timestamp.now + max(lifetimes.access, lifetimes.refresh)
    _ = try await database.run([
      Self.retire(.time(retires)),
      Self.newKey(kid, seal),
      Self.forget(),
      Audit.record(.keyRotate, by: actor, on: kid),
      Statement.once("NOTIFY \(Self.channel)")(),
    ])
    return kid
  }

  public static let listing = Listing(
    from: "signing_key k", order: ["-created", "-kid"], searched: [.text("k.kid")],
    [
      .init("kid", .text, "k.kid", indexed: "k.kid"),
      .init("created", .time, "k.created", indexed: "k.created"),
      .init("retires", .time, "k.retires"),
      .init(
        "state", .text,
        """
        CASE WHEN k.retires IS NULL THEN 'signs' WHEN k.retires > now() THEN 'verifies' \
        ELSE 'retired' END
        """),
    ])

  private static func newKid() -> String { Secrets.token(bytes: 9) }

  private static let secretLength = 32

  private static func newKey(_ kid: String, _ seal: Seal?) -> BoundStatement {
    let secret = Secrets.random(secretLength)
    return insert(.text(kid), .bytes(seal?.seal(secret, label: kid) ?? secret))
  }

  private struct StoredKey: RowDecodable {
    let kid: String
    /// As it is stored: sealed where it is longer than a secret.
    let secret: [UInt8]
    let retires: Timestamp?

    init(_ cells: inout Cells) throws(DecodingFailure) {
      kid = try cells.next()
      secret = try cells.next([UInt8].self)
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
  private static let replace = Statement(
    "UPDATE signing_key SET secret = $2 WHERE kid = $1 AND octet_length(secret) = 32", .writes)
  private static let retire = Statement(
    "UPDATE signing_key SET retires = $1 WHERE retires IS NULL", .writes)
  private static let forget = Statement(
    "DELETE FROM signing_key WHERE retires < now() - interval '1 day'", .writes)
}
