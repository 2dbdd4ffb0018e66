import Postgres
import Synchronization

/// Who isn't served: addresses, networks and accounts.
public struct Bans: Sendable {
  /// The channel on which a change is told, by the table's own trigger.
  public static let channel = "havocctl_bans"

  /// Whom a ban is about.
  public enum Target: Sendable {
    case network(Network)
    case account(User)

    public var name: String {
      switch self {
      case .network(let network): network.description
      case .account(let user): user.username
      }
    }
  }

  private let database: any Querying
  private let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  /// An address or a network by its shape, and an account otherwise.
  /// - Throws: `.notFound` where there is no such account.
  public func target(_ text: String) async throws -> Target {
    if let network = Network(text) { return .network(network) }
    // No name has a slash.
    guard !text.contains("/") else {
      throw Refusal.notFound("“\(text)” isn't a network such as 192.0.2.0/24 or 2001:db8::/32.")
    }
    return .account(try await Users(database, actor: actor).find(text))
  }

  /// Bans, or changes the reason and the end of a ban that is there.
  /// - Parameter expires: nil for ever.
  /// - Returns: the ban's id, and whether anything changed.
  public func add(
    _ target: Target, reason: String, expires: Timestamp?
  ) async throws -> (id: Int64, changed: Bool) {
    let (network, account) = Self.keys(target)
    return try await database.transaction { transaction in
      let existing = try await transaction.query(Self.find, network, account)
      if let row = existing.first {
        let (id, oldReason, oldExpires) = try row.decode(Int64.self, String.self, Timestamp?.self)
        if oldReason == reason, oldExpires == expires { return (id, false) }
      }
      try await transaction.query(Self.delete, network, account)
      let rows = try await transaction.query(
        Self.insert, .text(target.name), network, account, .text(reason), .text(actor.name),
        .time(expires))
      try await transaction.query(
        Audit.record(
          .ban, by: actor, on: target.name,
          after: [
            .init("reason", .string(reason)),
            .init("expires", expires.map { .string($0.rfc3339) } ?? .null),
          ]))
      return (try rows[0].decode(Int64.self), true)
    }
  }

  /// - Returns: whether there was one.
  public func lift(_ target: Target) async throws -> Bool {
    let (network, account) = Self.keys(target)
    return try await database.transaction { transaction in
      let rows = try await transaction.query(Self.delete, network, account)
      guard rows.affected > 0 else { return false }
      try await transaction.query(Audit.record(.banLift, by: actor, on: target.name))
      return true
    }
  }

  private static func keys(_ target: Target) -> (network: Parameter, account: Parameter) {
    switch target {
    case .network(let network): (.text("\(network.address)/\(network.length)"), .null)
    case .account(let user): (.null, .int(user.id))
    }
  }

  private static let find = Statement(
    """
    SELECT id, reason, expires FROM ban
    WHERE (network = $1::cidr OR account = $2::bigint) AND coalesce(expires > now(), true)
    """)
  private static let insert = Statement(
    """
    INSERT INTO ban (target, network, account, reason, by, expires)
    VALUES ($1, $2::cidr, $3::bigint, $4, $5, $6)
    RETURNING id
    """, .writes)
  private static let delete = Statement(
    "DELETE FROM ban WHERE network = $1::cidr OR account = $2::bigint", .writes)

  public static let listing = Listing(
    from: "ban b", order: ["id"],
    searched: [.number("b.id"), .containing("b.target"), .containing("b.reason")],
    [
      .init("id", .int, "b.id", indexed: "b.id"),
      .init("target", .text, "b.target"),
      .init("reason", .text, "b.reason"),
      .init("by", .text, "b.by"),
      .init("created", .time, "b.created"),
      .init("expires", .time, "b.expires"),
    ])

  public static let isLive = Condition("coalesce(b.expires > now(), true)")

  public static func condition(id: Int64) -> Condition {
    Condition("b.id = ?::bigint", .int(id))
  }
}

/// The banned networks, kept in a server's memory so that whoever isn't banned costs no question of
/// their own to the database.
public final class BannedNetworks: Sendable {
  private struct Entry: Sendable {
    let network: Network
    let expires: Timestamp?
  }

  private struct State: Sendable {
    var entries: [Entry] = []
    /// The change up to which they are known.
    var version: Int64 = -1
  }

  private let state = Mutex(State())

  public init() {}

  public func load(_ database: any Querying) async throws {
    // The version first: a change between the two is then read again and not missed.
    let version = try await database.query(Self.version)[0].decode(Int64.self)
    var found = State(version: version)
    for row in try await database.query(Self.select) {
      let (text, expires) = try row.decode(String.self, Timestamp?.self)
      if let network = Network(text) {
        found.entries.append(Entry(network: network, expires: expires))
      }
    }
    let loaded = found
    state.withLock { if loaded.version >= $0.version { $0 = loaded } }
  }

  /// Whether the address is banned, as of the newest change: a ban holds from the next request on, on
  /// every server.
  public func contain(_ address: String?, asking database: any Querying) async throws -> Bool {
    let newest = try await database.query(Self.version)[0].decode(Int64.self)
    if !include(newest) { try await load(database) }
    return contain(address)
  }

  /// Whether they are known up to that change, so that nobody has to wait for `load`.
  public func include(_ version: Int64) -> Bool { state.withLock { $0.version >= version } }

  public func contain(_ address: String?) -> Bool {
    state.withLock { state in
      guard !state.entries.isEmpty, let address = address.flatMap(NetworkAddress.init) else {
        return false
      }
      return state.entries.contains {
        $0.network.contains(address) && ($0.expires.map { $0 > .now } ?? true)
      }
    }
  }

  private static let version = Statement("SELECT max(bans) FROM permission")
  private static let select = Statement(
    """
    SELECT network::text, expires FROM ban
    WHERE network IS NOT NULL AND coalesce(expires > now(), true)
    """)
}
