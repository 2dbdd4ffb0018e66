import Postgres

/// A profile as others see it.
public struct ProfileView: Sendable, RowDecodable {
  public let username: String
  public let profile: Profile
  public let followers: Int64
  public let following: Int64
  /// Whether who asks follows it.
  public let isFollowed: Bool

  /// What `init` reads, in its order, of `source`; `$1` is who asks.
  static let columns = """
    a.username, \(Profile.columns), f.followers, f.following,
    EXISTS (SELECT FROM follow w WHERE w.follower = $1::bigint AND w.followed = f.account)
    """
  static let source = "profile f JOIN account a ON a.id = f.account AND a.deleted IS NULL"

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    username = try cells.next()
    profile = try cells.next(group: Profile.self)
    followers = try cells.next()
    following = try cells.next()
    isFollowed = try cells.next()
  }
}

/// Who follows whom.
public struct Followers: Sendable {
  /// Earlier tweets that come into the timeline of who begins to follow their author.
  public static let backfill = 1_000

  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  public static func unknown(_ id: Int64) -> Refusal { .notFound("There is no profile \(id).") }

  /// - Throws: `.notFound`.
  public func view(_ id: Int64, for caller: Caller) async throws -> ProfileView {
    let found = try await database.first(
      ProfileView.self, Self.view, .int(caller.account), .int(id))
    guard let found else { throw Self.unknown(id) }
    return found
  }

  private static let view = Statement(
    "SELECT \(ProfileView.columns) FROM \(ProfileView.source) WHERE f.account = $2")

  /// Follows a profile, or follows it no more.
  /// - Returns: whether the caller follows it then.
  /// - Throws: `.notFound`; `.invalid` for oneself.
  public func toggle(_ id: Int64, _ caller: Caller) async throws -> Bool {
    guard id != caller.account else { throw Refusal.malformed("You can't follow yourself.") }
    let rows = try await People.present { () throws(PostgresError) in
      try await database.query(
        Self.toggle, .int(caller.account), .int(id), .int(Self.backfill))
    }
    guard let row = rows.first else { throw Self.unknown(id) }
    return try row.decode(Bool.self)
  }

  private static let toggle = Statement(
    """
    SELECT follow_toggle($1::bigint, a.id, $3::bigint) FROM account a
    WHERE a.id = $2 AND a.deleted IS NULL
    """, .writes)

  /// Which end of following a list is about.
  public enum Side: Sendable { case followers, following }

  /// A page of a profile's followers, or of those it follows, by id.
  public func page(
    _ side: Side, of id: Int64, for caller: Caller, after: Int64, limit: Int
  ) async throws -> [ProfileView] {
    try await database.all(
      ProfileView.self, side == .followers ? Self.followers : Self.following,
      .int(caller.account), .int(id), .int(after), .int(limit))
  }

  private static func page(_ member: String, of other: String) -> Statement {
    Statement(
      """
      SELECT \(ProfileView.columns)
      FROM \(ProfileView.source) JOIN follow r ON f.account = r.\(member)
      WHERE r.\(other) = $2 AND r.\(member) > $3 ORDER BY r.\(member) LIMIT $4
      """)
  }

  private static let followers = page("follower", of: "followed")
  private static let following = page("followed", of: "follower")
}
