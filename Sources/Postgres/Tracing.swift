import EventLoop

/// What somebody wants to know of the statements that a database runs.
public struct Tracing: Sendable {
  /// What statements are run for, such as a request's id: hex digits and dashes.
  @TaskLocal public static var request: String?

  /// A statement that took long, or several that were sent as one.
  public struct SlowStatement: Sendable {
    /// Its text, without the values for its placeholders.
    public let sql: String
    public let microseconds: UInt64
    public let request: String?
  }

  /// From how many nanoseconds on a statement is slow.
  public var slow = UInt64.max
  /// Whether each statement says in a comment what it is run for. It is parsed and planned each time
  /// then, because prepared ones have one text for all.
  public var comments = false
  /// Called on the database's loop.
  public var report: @Sendable (SlowStatement) -> Void = { _ in }

  public init() {}

  /// What `statements` are to be marked with.
  var mark: String? { comments ? Self.request : nil }

  /// Reports what has taken long.
  /// - Parameter start: the loop's time when it was sent.
  func note(_ statements: [BoundStatement], since start: UInt64, _ loop: Loop) {
    let taken = loop.now - start
    guard taken >= slow else { return }
    report(
      SlowStatement(
        sql: statements.map(\.statement.sql).joined(separator: "; "),
        microseconds: taken / 1_000, request: Self.request))
  }
}
