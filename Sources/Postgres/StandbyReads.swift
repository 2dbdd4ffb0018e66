import EventLoop

/// Reads from a standby, whose rows may be a moment old. The primary answers in its place where it is
/// away, where it says nothing, where it is too far behind, and where it refuses: it breaks statements
/// off for what it has to replay, and may not know yet what they name. Then it is left alone for a
/// while.
///
/// `@unchecked Sendable`: touched only on its databases' loop, which they check.
public final class StandbyReads: Querying, @unchecked Sendable {
  /// How far it may be behind, and how that is known.
  public struct Lag: Sendable {
    /// Whether it can know, and whole seconds.
    let statement: Statement
    let limit: Duration

    public init(_ statement: Statement, limit: Duration) {
      self.statement = statement
      self.limit = limit
    }

    fileprivate func check(_ answer: Rows) throws(PostgresError) {
      let (isKnown, seconds) = try answer[0].decode(Bool.self, Int64.self)
      guard isKnown else {
        throw PostgresError(.unavailable, "it can't say how far it is behind", retry: .safe)
      }
      guard .seconds(seconds) <= limit else {
        throw PostgresError(.unavailable, "it is \(seconds) s behind", retry: .safe)
      }
    }
  }

  /// How long it may take to answer.
  private static let patience = Duration.seconds(2)
  /// How long it is left alone.
  private static let rest = Duration.seconds(5)

  private let primary: any Querying
  private let standby: Database
  private let lag: Lag
  /// Told why it is left alone; not while nothing else has come of asking it again.
  private let onRefusal: @Sendable (PostgresError) -> Void
  private var restsUntil: UInt64 = 0
  private var wasRefused = false

  public init(
    _ standby: Database, lag: Lag, or primary: any Querying,
    onRefusal: @escaping @Sendable (PostgresError) -> Void
  ) {
    self.primary = primary
    self.standby = standby
    self.lag = lag
    self.onRefusal = onRefusal
  }

  public func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    guard standby.loop.now >= restsUntil,
      statements.allSatisfy({ $0.statement.effect == .reads })
    else { return try await primary.run(statements) }
    switch await answer(statements) {
    case .success(let rows):
      wasRefused = false
      return rows
    case .failure(let error):
      // One statement that was in the way of what is replayed says nothing of the next.
      if error.sqlState?.isContention != true { leaveAlone(error) }
      return try await primary.run(statements)
    }
  }

  private func answer(_ statements: [BoundStatement]) async -> Result<[Rows], PostgresError> {
    let (standby, lag) = (self.standby, self.lag)
    let answer = await standby.loop.withDeadline(Self.patience) {
      () -> Result<[Rows], PostgresError> in
      do throws(PostgresError) {
        // The lag comes first, so that what is read isn't older.
        let rows = try await standby.run([lag.statement()] + statements, isLong: true)
        try lag.check(rows[0])
        return .success(Array(rows.dropFirst()))
      } catch {
        return .failure(error)
      }
    }
    return answer
      ?? .failure(
        PostgresError(
          .unavailable, "no answer within \(Self.patience.components.seconds) s", retry: .safe))
  }

  private func leaveAlone(_ error: PostgresError) {
    restsUntil = standby.loop.now + Self.rest.nanoseconds
    // What is lost, and when it is back, is said by its connections.
    if !wasRefused, error.kind != .connectionLost { onRefusal(error) }
    wasRefused = true
  }

  public func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    try await primary.transaction(body)
  }
}
