import EventLoop
import TestSupport
import Testing

@testable import Postgres

/// Every suite that needs the server stands in this one, so that their tests run one at a time and
/// the server has connections enough.
@Suite(.serialized, .timeLimit(.minutes(5))) enum ServerTests {}

/// A schema of its own, a database whose connections are in it, and a way to act on those
/// connections from outside.
struct Scene: Sendable {
  let database: Database
  /// Connections that nobody interferes with.
  let outside: Database
  let schema: String

  var loop: Loop { database.loop }

  /// What a test wants otherwise than usual.
  struct Wishes: Sendable {
    var maxInFlight = 4_096
    var maxTransactions = 4
    var maxWaiting = 1_024
    var statementTimeout = Duration.zero
    /// Keywords of libpq, to come to the server by another way.
    var words: [String: String] = [:]
  }

  /// Sets the scene on a loop of its own, and clears it away behind `body`.
  static func play<Value: Sendable>(
    _ wishes: Wishes = Wishes(), _ body: @escaping @Sendable (Scene) async throws -> Value
  ) async throws -> Value {
    try await onLoop { loop in
      let schema = "test_" + UUID.random().hex
      let search = ["options": "-c search_path=\(schema)"]
      let words = search.merging(wishes.words) { $1 }.merging(["application_name": schema]) { $1 }
      var options = try TestServer.options(words)
      options.maxInFlight = wishes.maxInFlight
      options.maxTransactions = wishes.maxTransactions
      options.maxWaiting = wishes.maxWaiting
      options.statementTimeout = wishes.statementTimeout
      let outside = Database(loop: loop, options: try TestServer.options(search))
      let scene = Scene(
        database: Database(loop: loop, options: options), outside: outside, schema: schema)
      try await outside.query(.once("CREATE SCHEMA \(schema)"))
      let outcome: Result<Value, any Error>
      do { outcome = .success(try await body(scene)) } catch { outcome = .failure(error) }
      scene.database.close()
      try await outside.query(.once("DROP SCHEMA \(schema) CASCADE"))
      outside.close()
      return try outcome.get()
    }
  }

  /// Processes of the server that serve this scene and whose latest statement is like `pattern`.
  func backends(like pattern: String, state: String = "active") async throws -> [Int64] {
    let rows = try await outside.query(
      .once(
        """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = $1 AND query LIKE $2 AND state = $3
        """, .reads), .text(schema), .text(pattern), .text(state))
    return try rows.map { row in try row.decode(Int64.self) }
  }

  /// Waits until a statement like `pattern` is under way, and ends the processes that run it.
  func terminate(like pattern: String, state: String = "active") async throws {
    var pids: [Int64] = []
    let isThere = try await loop.waits {
      pids = try await backends(like: pattern, state: state)
      return !pids.isEmpty
    }
    try #require(isThere, "nothing like \(pattern) is under way")
    for pid in pids {
      try await outside.query(.once("SELECT pg_terminate_backend($1::integer)"), .int(pid))
    }
  }

  /// Starts `body` on the loop, to go on beside the caller.
  func start<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) -> Task<Value, any Error> {
    Task(executorPreference: loop) { try await body() }
  }

  /// The table's numbers in order.
  func numbers(_ table: String) async throws -> [Int] {
    let rows = try await outside.query(.once("SELECT n FROM \(table) ORDER BY n", .reads))
    return try rows.map { row in try row.decode(Int.self) }
  }
}

/// The PostgreSQL error that `body` throws.
func failure<Value>(
  _ body: () async throws -> Value, _ location: SourceLocation = #_sourceLocation
) async -> PostgresError? {
  await #expect(throws: PostgresError.self, sourceLocation: location) { _ = try await body() }
}

/// Thrown by tests to see where it comes out.
struct Deliberate: Error, Equatable {
  var number = 0
}
