import Postgres

/// What things of a kind are called in the database now, for completing a beginning of it.
public enum LiveNames: Sendable, CaseIterable {
  case user, deletedUser, permission, session, token, exercise, group, ban, stream, conversation,
    tweet, integers, mail

  /// A name and what tells it from others.
  public struct Found: Sendable, RowDecodable {
    public let name: String
    public let description: String

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      name = try cells.next()
      description = try cells.next()
    }
  }

  /// Names that are given at the most.
  public static let limit = 50

  public func find(
    _ beginning: String, in database: any Querying
  ) async throws(PostgresError) -> [Found] {
    let key = isKeyed ? beginning.caseFoldedKey : beginning.lowercased()
    return try await database.all(Found.self, statement, .text(key))
  }

  /// Whether names are looked for by their key, without regard to case.
  private var isKeyed: Bool { [.user, .deletedUser, .exercise, .group].contains(self) }

  private var statement: Statement {
    switch self {
    case .user:
      Self.keyed("account", "username", "coalesce(email, '')", where: "deleted IS NULL")
    case .deletedUser:
      Self.keyed("account", "username", "coalesce(email, '')", where: "deleted IS NOT NULL")
    case .exercise: Self.keyed("exercise", "name", "'exercise ' || id", where: "true")
    case .group: Self.keyed("exercise_group", "name", "'group ' || id", where: "true")
    case .permission:
      Self.few("SELECT code::text AS name, level AS description, code AS place FROM permission")
    case .ban:
      Self.few(
        "SELECT target AS name, coalesce(reason, '') AS description, -id AS place FROM ban")
    case .session:
      Self.beginnings(
        "session t JOIN account a ON a.id = t.account", "a.username || ', ' || t.dialect",
        where: "t.revoked IS NULL AND t.expires > now()")
    case .token:
      Self.beginnings(
        "credential t JOIN session s ON s.id = t.session JOIN account a ON a.id = s.account",
        "a.username || ', ' || t.kind",
        where: "t.revoked IS NULL AND t.spent IS NULL AND t.expires > now()")
    case .stream:
      Self.few(
        """
        SELECT t.id::text AS name, a.username AS description, -extract(epoch FROM t.started) AS place
        FROM stream t JOIN account a ON a.id = t.account ORDER BY t.started DESC LIMIT \(recent)
        """)
    case .conversation:
      Self.few(
        """
        SELECT t.id::text AS name, i.username || ', ' || v.username AS description, -t.id AS place
        FROM conversation t JOIN account i ON i.id = t.initiator JOIN account v ON v.id = t.receiver
        ORDER BY t.id DESC LIMIT \(recent)
        """)
    case .tweet:
      Self.few(
        """
        SELECT t.id::text AS name, a.username || ': ' || left(t.body, 60) AS description,
          -t.id AS place
        FROM tweet t JOIN account a ON a.id = t.author ORDER BY t.id DESC LIMIT \(recent)
        """)
    case .mail:
      Self.few(
        """
        SELECT t.id::text AS name, a.username || ', ' || t.purpose AS description, -t.id AS place
        FROM mail t JOIN account a ON a.id = t.account ORDER BY t.id DESC LIMIT \(recent)
        """)
    case .integers:
      Self.few(
        """
        SELECT t.id::text AS name, a.username || ', ' || g.name || ', ' || t.name AS description,
          -t.id AS place
        FROM integer_set t JOIN integer_session g ON g.id = t.session
          JOIN account a ON a.id = g.account
        ORDER BY t.id DESC LIMIT \(recent)
        """)
    }
  }

  /// Of things without a name of their own the newest are worth completing.
  private var recent: Int { 1_000 }

  /// Rows behind the beginning, in the index's order, among which those that begin so are looked
  /// for: whatever the collation, they follow it closely.
  private static let reach = 200

  private static func keyed(
    _ table: String, _ column: String, _ description: String, where condition: String
  ) -> Statement {
    .once(
      """
      SELECT name, description FROM (
        SELECT \(column) AS name, \(column)_key AS key, \(description) AS description
        FROM \(table) WHERE \(column)_key >= $1 AND \(condition)
        ORDER BY \(column)_key LIMIT \(reach)) n
      WHERE starts_with(key, $1) ORDER BY key LIMIT \(limit)
      """, .reads)
  }

  private static func few(_ rows: String) -> Statement {
    .once(
      """
      SELECT name, description FROM (\(rows)) n
      WHERE starts_with(lower(name), $1) ORDER BY place LIMIT \(limit)
      """, .reads)
  }

  /// Things that are called by the beginning of their id.
  private static func beginnings(
    _ source: String, _ description: String, where condition: String
  ) -> Statement {
    .once(
      """
      SELECT t.id::text, \(description) FROM \(source)
      WHERE t.id >= rpad(translate($1, '-', ''), 32, '0')::uuid
        AND t.id <= rpad(translate($1, '-', ''), 32, 'f')::uuid
        AND translate($1, '-', '') ~ '^[0-9a-f]{0,32}$' AND \(condition)
      ORDER BY t.id LIMIT \(limit)
      """, .reads)
  }
}
