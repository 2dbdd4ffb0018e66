import EventLoop

/// A transaction on a connection of its own.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread, which `run` checks.
public final class Transaction: Querying, @unchecked Sendable {
  let connection: Connection
  private let loop: Loop
  private unowned let database: Database
  private var savepoints = 0

  init(connection: Connection, of database: Database) {
    self.database = database
    self.connection = connection
    loop = connection.loop
  }

  public func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    loop.preconditionOnLoop()
    database.statements &+= UInt64(statements.count)
    return try await connection.run(statements, tracing: database.tracing)
  }

  public func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    savepoints += 1
    let name = "havoc_\(savepoints)"
    try await connection.execute("SAVEPOINT \(name)")
    do {
      let value = try await body(self)
      try await connection.execute("RELEASE SAVEPOINT \(name)")
      return value
    } catch {
      _ = try await connection.run([
        Statement.once("ROLLBACK TO SAVEPOINT \(name)")(),
        Statement.once("RELEASE SAVEPOINT \(name)")(),
      ])
      throw error
    }
  }

  /// Feeds `COPY … FROM STDIN` with what `next` gives until that is nil.
  /// - Returns: rows copied.
  public func copyIn(
    _ sql: String, next: () async throws -> [UInt8]?
  ) async throws -> Int {
    loop.preconditionOnLoop()
    return try await connection.copyIn(sql, next: next)
  }

  /// Hands each row of `COPY … TO STDOUT` to `receive`, which must not keep the bytes.
  /// - Returns: rows copied.
  public func copyOut(
    _ sql: String, receive: (UnsafeRawBufferPointer) async throws -> Void
  ) async throws -> Int {
    loop.preconditionOnLoop()
    return try await connection.copyOut(sql, receive: receive)
  }
}
