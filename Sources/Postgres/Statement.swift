import Synchronization

/// A statement's text, prepared once a connection on first use.
///
/// Statements are made as `static let`, so that their number is that of the program's source.
public final class Statement: Sendable {
  /// What the statement does to the database, which decides whether it may run again by itself
  /// after a connection was lost while it ran.
  public enum Effect: Sendable { case reads, writes }

  public let sql: String
  let effect: Effect
  /// A small number of its own, or nil for a text that is used once and never prepared.
  let number: Int?

  private static let numbers = Atomic<Int>(0)

  public init(_ sql: String, _ effect: Effect = .reads) {
    self.sql = sql
    self.effect = effect
    number = Self.numbers.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  private init(unprepared sql: String, _ effect: Effect) {
    self.sql = sql
    self.effect = effect
    number = nil
  }

  /// A text made at run time, parsed each time it runs.
  public static func once(_ sql: String, _ effect: Effect = .writes) -> Statement {
    Statement(unprepared: sql, effect)
  }

  /// This statement with values for its placeholders.
  public func callAsFunction(_ parameters: Parameter...) -> BoundStatement {
    BoundStatement(statement: self, parameters: parameters)
  }
}

/// A statement and the values for its placeholders.
public struct BoundStatement: Sendable {
  public let statement: Statement
  public let parameters: [Parameter]

  public init(statement: Statement, parameters: [Parameter]) {
    self.statement = statement
    self.parameters = parameters
  }
}
