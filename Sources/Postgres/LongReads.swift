/// A database's pipeline for what reads much, as lists do: nobody who asks for little waits behind it.
public struct LongReads: Querying {
  private let database: Database

  public init(_ database: Database) { self.database = database }

  public func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    try await database.run(statements, isLong: true)
  }

  public func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    try await database.transaction(body)
  }

  public func repeatableTransaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    try await database.repeatableTransaction(body)
  }
}
