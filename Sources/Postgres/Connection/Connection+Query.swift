extension Connection {
  /// Runs statements as one unit.
  /// - Throws: `.overloaded` when the connection carries all it may.
  func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    guard mode == .pipeline else {
      throw PostgresError(.connectionLost, "the connection is closed", retry: .safe)
    }
    guard !isFull else {
      throw PostgresError(.overloaded, "too many queries in flight", retry: .safe)
    }
    let result = await withUnsafeContinuation { continuation in
      send(Unit(statements, continuation: continuation))
    }
    return try result.get()
  }

  /// Runs one statement whose text is used once.
  @discardableResult
  func execute(_ sql: String) async throws(PostgresError) -> Rows {
    try await run([Statement.once(sql)()])[0]
  }
}
