import TestSupport
import Testing

@testable import Postgres

extension ServerTests {
  /// The server ends a connection in the middle of a statement.
  @Suite struct ConnectionLossTests {
    /// Both wait for a lock that the test holds, so that the test decides when they go on.
    private static let read = Statement("SELECT $2::int8 FROM pg_advisory_xact_lock_shared($1)")
    private static let write = Statement(
      "INSERT INTO t SELECT $2::int8 FROM pg_advisory_xact_lock_shared($1)", .writes)
    private static let one = Statement("SELECT 1")

    /// Holds the lock `number` while `body` runs.
    private func play(
      _ body: @escaping @Sendable (Scene, _ number: Parameter) async throws -> Void,
      then: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
      try await Scene.play { scene in
        try await scene.outside.query(.once("CREATE TABLE t (n integer)"))
        let number = Parameter.int(Int64.random(in: 0...Int64.max))
        try await scene.outside.transaction { transaction in
          try await transaction.query(.once("SELECT pg_advisory_xact_lock($1)"), number)
          try await body(scene, number)
        }
        try await then(scene)
      }
    }

    @Test func readsRunAgain() async throws {
      let answers = Journal<Int>()
      let tasks = Journal<Task<Void, any Error>>()
      try await play { scene, number in
        for value in 1...3 {
          tasks.note(
            scene.start {
              let rows = try await scene.database.query(Self.read, number, .int(value))
              answers.note(try rows[0].decode(Int.self))
            })
        }
        try await scene.terminate(like: "%lock_shared%")
      } then: { _ in
        for task in tasks.entries { try await task.value }
      }
      #expect(answers.entries == [1, 2, 3])
    }

    /// Of several statements that were answered in part, nothing is kept twice.
    @Test func aUnitOfReadsRunsAgainWhole() async throws {
      let tasks = Journal<Task<[Int], any Error>>()
      let values = Journal<[Int]>()
      try await play { scene, number in
        tasks.note(
          scene.start {
            let results = try await scene.database.run([
              Self.one(), Self.read(number, .int(2)), Self.one(),
            ])
            return try results.map { try $0[0].decode(Int.self) }
          })
        try await scene.terminate(like: "%lock_shared%")
      } then: { _ in
        for task in tasks.entries { values.note(try await task.value) }
      }
      #expect(values.entries == [[1, 2, 1]])
    }

    /// Whether it happened can't be known, so the program must not do it again by itself.
    @Test func aWriteFails() async throws {
      let tasks = Journal<Task<PostgresError?, any Error>>()
      try await play { scene, number in
        tasks.note(
          scene.start {
            await failure { try await scene.database.query(Self.write, number, .int(1)) }
          })
        try await scene.terminate(like: "%lock_shared%")
      } then: { scene in
        let error = try await tasks.entries[0].value
        #expect(error?.kind == .connectionLost && error?.retry == .unknown)
        #expect(try await scene.numbers("t") == [])
        try await scene.database.query(.once("INSERT INTO t VALUES (2)"))
        #expect(try await scene.numbers("t") == [2])
      }
    }

    @Test func queriesWorkAgainAfterAnIdleConnectionWasEnded() async throws {
      try await Scene.play { scene in
        let pid = Statement("SELECT pg_backend_pid() /* idle */")
        let changes = Journal<String>()
        scene.database.onConnectionChange = { changes.note($0 == nil ? "back" : "lost") }
        var pids: Set<Int> = []
        for _ in 0..<3 {
          pids.insert(try await scene.database.query(pid)[0].decode(Int.self))
          try await scene.terminate(like: "%idle%", state: "idle")
          #expect(await scene.loop.waits { changes.entries.count == pids.count * 2 })
        }
        #expect(pids.count == 3)
        #expect(changes.entries == ["lost", "back", "lost", "back", "lost", "back"])
      }
    }

    /// Prepared statements go with their connection; those of the next are its own.
    @Test func statementsArePreparedAnew() async throws {
      try await Scene.play { scene in
        let statement = Statement("SELECT $1::int8 /* prepared */")
        for number in 1...3 {
          #expect(
            try await scene.database.query(statement, .int(number))[0].decode(Int.self) == number)
          try await scene.terminate(like: "%prepared%", state: "idle")
        }
      }
    }
  }

  @Suite struct CancellationTests {
    @Test func whatRunsIsCancelled() async throws {
      try await Scene.play { scene in
        let sleep = scene.start {
          await failure { try await scene.database.query(.once("SELECT pg_sleep(600)", .reads)) }
        }
        let inTransaction = scene.start {
          await failure {
            try await scene.database.transaction { transaction in
              try await transaction.query(.once("SELECT pg_sleep(601)")).count
            }
          }
        }
        let areRunning = try await scene.loop.waits {
          try await scene.backends(like: "%sleep(60%").count == 2
        }
        #expect(areRunning)
        scene.database.cancelRunning()
        let errors = [try await sleep.value, try await inTransaction.value]
        #expect(errors.map(\.?.sqlState) == [.queryCanceled, .queryCanceled])
        try await scene.database.query(Statement("SELECT 1"))
      }
    }

    /// Whoever waits when the program ends must hear of it.
    @Test func whatIsUnderWayWhenTheDatabaseClosesFails() async throws {
      try await Scene.play { scene in
        let statements = ["SELECT pg_sleep(602)", "INSERT INTO t SELECT FROM pg_sleep(602)"]
        try await scene.outside.query(.once("CREATE TABLE t ()"))
        let tasks = statements.enumerated().map { index, sql in
          scene.start {
            await failure {
              try await scene.database.query(.once(sql, index == 0 ? .reads : .writes))
            }
          }
        }
        let areRunning = try await scene.loop.waits {
          try await scene.backends(like: "%sleep(602%").count == 2
        }
        #expect(areRunning)
        scene.database.close()
        for task in tasks {
          let error = try await task.value
          #expect(error?.kind == .connectionLost)
        }
        try await scene.terminate(like: "%sleep(602%")
      }
    }

    @Test func aStatementThatTakesTooLongIsEndedByTheServer() async throws {
      try await Scene.play(.init(statementTimeout: .milliseconds(20))) { scene in
        let error = await failure {
          try await scene.database.query(.once("SELECT pg_sleep(600)", .reads))
        }
        #expect(error?.sqlState == .queryCanceled)
      }
    }
  }
}
