/// Something that runs statements: a database, or a transaction on it. A service that is written
/// over it does the same work on its own, as a part of a larger change, or in a rehearsal that is
/// rolled back.
public protocol Querying: Sendable {
  /// Runs statements in one round trip; they succeed or fail together.
  /// - Returns: the rows of each, in order.
  func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows]

  /// Runs `body` in a transaction (inside another one, behind a savepoint) that is committed when
  /// it returns and rolled back when it throws.
  func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value

  /// The same for a body that does nothing but run statements: it runs again where the server
  /// breaks the transaction off for another's sake.
  func repeatableTransaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value
}

extension Querying {
  public func repeatableTransaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    try await transaction(body)
  }
}

extension Querying {
  /// Runs one statement.
  @discardableResult
  public func query(
    _ statement: Statement, _ parameters: Parameter...
  ) async throws(PostgresError) -> Rows {
    try await run([BoundStatement(statement: statement, parameters: parameters)])[0]
  }

  /// Runs one statement that already has its values.
  @discardableResult
  public func query(_ bound: BoundStatement) async throws(PostgresError) -> Rows {
    try await run([bound])[0]
  }

  /// The first row as `Element`, nil where there is none.
  public func first<Element: RowDecodable>(
    _: Element.Type, _ statement: Statement, _ parameters: Parameter...
  ) async throws(PostgresError) -> Element? {
    let rows = try await run([BoundStatement(statement: statement, parameters: parameters)])[0]
    return try rows.first?.decode(Element.self)
  }

  /// Every row as `Element`.
  public func all<Element: RowDecodable>(
    _: Element.Type, _ statement: Statement, _ parameters: Parameter...
  ) async throws(PostgresError) -> [Element] {
    let rows = try await run([BoundStatement(statement: statement, parameters: parameters)])[0]
    return try rows.decode(Element.self)
  }
}
