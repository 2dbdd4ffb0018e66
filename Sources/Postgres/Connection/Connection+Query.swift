extension Connection {
  /// Runs statements as one unit.
  /// - Throws: `.overloaded` when the connection carries all it may.
  func run(
    _ statements: [BoundStatement], tracing: Tracing = Tracing()
  ) async throws(PostgresError) -> [Rows] {
    guard mode == .pipeline else {
      throw PostgresError(.connectionLost, "the connection is closed", retry: .safe)
    }
    guard !isFull else {
      throw PostgresError(.overloaded, "too many queries in flight", retry: .safe)
    }
    let start = loop.now
    let result = await withUnsafeContinuation { continuation in
      send(Unit(statements, mark: tracing.mark, continuation: continuation))
    }
    tracing.note(statements, since: start, loop)
    return try result.get()
  }

  /// Runs one statement whose text is used once.
  @discardableResult
  func execute(
    _ sql: String, tracing: Tracing = Tracing()
  ) async throws(PostgresError) -> Rows {
    try await run([Statement.once(sql)()], tracing: tracing)[0]
  }
}
