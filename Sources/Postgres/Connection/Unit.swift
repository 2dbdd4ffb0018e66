/// What a caller waits for: one statement, or several that succeed or fail together.
final class Unit {
  let statements: [BoundStatement]
  private(set) var results: [Rows] = []
  private var failure: PostgresError?
  private var continuation: UnsafeContinuation<Result<[Rows], PostgresError>, Never>?

  init(
    _ statements: [BoundStatement],
    continuation: UnsafeContinuation<Result<[Rows], PostgresError>, Never>? = nil
  ) {
    self.statements = statements
    self.continuation = continuation
  }

  /// Whether running it twice does no harm.
  var onlyReads: Bool { statements.allSatisfy { $0.statement.effect == .reads } }

  func keep(_ rows: Rows) { results.append(rows) }

  func keep(_ error: PostgresError) { failure = failure ?? error }

  /// Answers the caller with what was kept.
  func finish() { resume(failure.map { .failure($0) } ?? .success(results)) }

  func fail(_ error: PostgresError) { resume(.failure(error)) }

  private func resume(_ result: Result<[Rows], PostgresError>) {
    continuation?.resume(returning: result)
    continuation = nil
  }
}
