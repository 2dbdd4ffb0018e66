import Postgres

/// Removes what has done its service, a little at a time; every server does it now and then.
public struct Housekeeping: Sendable {
  private let database: any Querying
  private let limits: Attempts.Limits

  public init(_ database: any Querying, limits: Attempts.Limits) {
    self.database = database
    self.limits = limits
  }

  public func run() async throws {
    try await Attempts(database, limits: limits).forget()
    for statement in Self.removals { try await database.query(statement) }
  }

  private static let removals = [
    Statement("DELETE FROM oauth_state WHERE expires < now()", .writes),
    Statement("DELETE FROM login_code WHERE expires < now() - interval '1 hour'", .writes),
    Statement("DELETE FROM mail WHERE gave_up < now() - interval '7 days'", .writes),
    Statement("DELETE FROM ban WHERE expires < now() - interval '30 days'", .writes),
  ]
}
