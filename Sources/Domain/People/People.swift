import Postgres

/// Everybody, and who is whose friend.
public struct People: Sendable {
  /// Friends of one account at the most: each list of people shows all of them.
  public static let mostFriends = 5_000

  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// What is answered where an account was purged a moment ago: the other's, or the caller's own.
  static let gone = Refusal.notFound("The user is gone.")

  /// Runs statements that name accounts, one of which may be purged meanwhile.
  /// - Throws: `.notFound` then.
  static func present<Value>(_ body: () async throws(PostgresError) -> Value) async throws -> Value
  {
    do { return try await body() } catch { throw missing(error) }
  }

  /// The error, said as what it means where a row that is named isn't there.
  static func missing(_ error: PostgresError) -> any Error {
    error.sqlState == .foreignKeyViolation ? gone : error
  }

  /// - Throws: `.notFound`.
  public func find(_ id: Int64) async throws -> Person {
    guard let person = try await database.first(Person.self, Self.byID, .int(id)) else {
      throw Self.gone
    }
    return person
  }

  private static let byID = Statement(
    "SELECT \(Person.columns("a")) FROM account a WHERE a.id = $1")

  /// A page of everybody, by id.
  public func page(after id: Int64, limit: Int) async throws -> [Person] {
    try await database.all(Person.self, Self.page, .int(id), .int(limit))
  }

  private static let page = Statement(
    """
    SELECT \(Person.columns("a")) FROM account a
    WHERE a.id > $1 AND a.deleted IS NULL ORDER BY a.id LIMIT $2
    """)

  /// A page of an account's friends, by id.
  public func friends(of account: Int64, after id: Int64, limit: Int) async throws -> [Person] {
    try await database.all(Person.self, Self.friends, .int(account), .int(id), .int(limit))
  }

  private static let friends = Statement(
    """
    SELECT \(Person.columns("a")) FROM friend m JOIN account a ON a.id = m.friend
    WHERE m.account = $1 AND a.id > $2 AND a.deleted IS NULL ORDER BY a.id LIMIT $3
    """)

  // MARK: Friendship, which is always mutual

  /// - Returns: the friend's username.
  /// - Throws: `.notFound`; `.conflict` for oneself, a friend, or one too many.
  public func befriend(_ caller: Caller, _ username: String) async throws -> String {
    let found = try await target(Self.befriend, caller, username)
    guard found.id != caller.account else {
      throw Refusal.conflict("You can't be your own friend.")
    }
    guard !found.wasFriend else {
      throw Refusal.conflict("\(found.username) is your friend already.")
    }
    guard found.changed else {
      throw Refusal.conflict("An account has at most \(Self.mostFriends) friends.")
    }
    return found.username
  }

  /// - Returns: the former friend's username.
  /// - Throws: `.notFound`; `.conflict` for who is no friend.
  public func unfriend(_ caller: Caller, _ username: String) async throws -> String {
    let found = try await target(Self.unfriend, caller, username)
    guard found.changed else { throw Refusal.conflict("\(found.username) isn't your friend.") }
    return found.username
  }

  private func target(
    _ statement: Statement, _ caller: Caller, _ username: String
  ) async throws -> (id: Int64, username: String, wasFriend: Bool, changed: Bool) {
    let rows = try await Self.present { () throws(PostgresError) in
      try await database.query(
        statement, .int(caller.account), .text(username.caseFoldedKey))
    }
    guard let row = rows.first else {
      throw Refusal.notFound("There is no user “\(username)”.")
    }
    let (id, name, wasFriend, changed) = try row.decode(
      Int64.self, String.self, Bool.self, Bool.self)
    return (id, name, wasFriend, changed)
  }

  /// What both statements answer.
  private static func answer(_ changed: String) -> String {
    """
    SELECT t.id, t.username,
      EXISTS (SELECT FROM friend WHERE account = $1::bigint AND friend = t.id),
      EXISTS (SELECT FROM \(changed)) FROM target t
    """
  }

  private static let named = """
    WITH target AS (
      SELECT id, username FROM account WHERE username_key = $2 AND deleted IS NULL)
    """

  private static let befriend = Statement(
    """
    \(named), made AS (
      INSERT INTO friendship (low, high)
      SELECT least($1::bigint, id), greatest($1::bigint, id) FROM target
      WHERE id <> $1::bigint
        AND (SELECT count(*) FROM friend WHERE account = $1::bigint) < \(mostFriends)
        AND (SELECT count(*) FROM friend WHERE account = target.id) < \(mostFriends)
      ON CONFLICT DO NOTHING RETURNING low
    ) \(answer("made"))
    """, .writes)

  private static let unfriend = Statement(
    """
    \(named), gone AS (
      DELETE FROM friendship USING target
      WHERE low = least($1::bigint, target.id) AND high = greatest($1::bigint, target.id)
      RETURNING low
    ) \(answer("gone"))
    """, .writes)
}
