/// What a caller waits for: one statement, or several that succeed or fail together.
final class Unit {
  let statements: [BoundStatement]
  /// What they say in a comment that they are for.
  let mark: String?
  private(set) var results: [Rows] = []
  private var failure: PostgresError?
  private var hasBegunAgain = false
  private var continuation: UnsafeContinuation<Result<[Rows], PostgresError>, Never>?

  init(
    _ statements: [BoundStatement], mark: String? = nil,
    continuation: UnsafeContinuation<Result<[Rows], PostgresError>, Never>? = nil
  ) {
    self.statements = statements
    self.mark = mark
    self.continuation = continuation
  }

  /// Whether running it twice does no harm.
  var onlyReads: Bool { statements.allSatisfy { $0.statement.effect == .reads } }

  /// Whether it failed for a plan that the server doesn't have, or not any more. Nothing of it has
  /// happened then, since a unit is a transaction.
  var isStale: Bool {
    guard let state = failure?.sqlState else { return false }
    return state == .invalidStatementName || state == .featureNotSupported
  }

  /// Forgets its answer, to be sent again; false when that was done before.
  func beginAgain() -> Bool {
    guard !hasBegunAgain else { return false }
    hasBegunAgain = true
    forgetAnswer()
    return true
  }

  /// Drops what was kept of an answer that broke off.
  func forgetAnswer() {
    results = []
    failure = nil
  }

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
