import Postgres

/// Removes what has done its service, a little at a time; every server does it now and then.
public struct Housekeeping: Sendable {
  private let database: any Querying
  private let limits: Attempts.Limits
  private let retention: Duration

  /// - Parameter retention: how long a deleted account can be restored.
  public init(_ database: any Querying, limits: Attempts.Limits, retention: Duration) {
    self.database = database
    self.limits = limits
    self.retention = retention
  }

  public func run() async throws {
    try await Attempts(database, limits: limits).forget()
    for statement in Self.removals { try await database.query(statement) }
    try await purgeAccounts()
    var removed: Int
    repeat {
      removed = try await database.query(Self.removeContents, .int(Self.contentsAtOnce))[0]
        .decode(Int.self)
    } while removed == Self.contentsAtOnce
  }

  private static let accountsAtOnce = 100
  private static let contentsAtOnce = 100

  private func purgeAccounts() async throws {
    let users = Users(database, actor: Actor(name: "server"))
    let before = Timestamp.now + (.zero - retention)
    var total = 0
    while true {
      let purged = try await users.purgeDeleted(before: before, batch: Self.accountsAtOnce)
      total += purged
      if purged < Self.accountsAtOnce { break }
    }
    guard total > 0 else { return }
    try await database.query(
      Audit.record(
        .prune, by: Actor(name: "server"), on: "user",
        after: [.init("removed", .int(Int64(total)))]))
  }

  /// Whoever began to read a set before it was replaced or deleted has finished by then.
  private static let removeContents = Statement(
    """
    WITH old AS (
      DELETE FROM integer_garbage WHERE content IN (
        SELECT content FROM integer_garbage WHERE since < now() - interval '15 minutes'
        ORDER BY since LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING content
    ), chunks AS (DELETE FROM integer_chunk c USING old WHERE c.content = old.content)
    SELECT count(*) FROM old
    """, .writes)

  private static let removals = [
    Statement("DELETE FROM oauth_state WHERE expires < now()", .writes),
    Statement("DELETE FROM login_code WHERE expires < now() - interval '1 hour'", .writes),
    Statement("DELETE FROM mail WHERE gave_up < now() - interval '7 days'", .writes),
    Statement("DELETE FROM ban WHERE expires < now() - interval '30 days'", .writes),
    Statement("DELETE FROM sample WHERE minute < now() - interval '7 days'", .writes),
  ]
}
