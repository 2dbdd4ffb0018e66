import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct TransactionTests {
    private static let insert = Statement("INSERT INTO t VALUES ($1)", .writes)

    /// A scene with the table `t`.
    private func play(
      _ wishes: Scene.Wishes = .init(), _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
      try await Scene.play(wishes) { scene in
        try await scene.outside.query(.once("CREATE TABLE t (n integer PRIMARY KEY)"))
        try await body(scene)
      }
    }

    @Test func itIsCommittedWhenTheBodyReturns() async throws {
      try await play { scene in
        let value = try await scene.database.transaction { transaction in
          try await transaction.query(Self.insert, .int(1))
          #expect(try await scene.numbers("t") == [])
          return "done"
        }
        #expect(value == "done")
        #expect(try await scene.numbers("t") == [1])
      }
    }

    @Test func itIsRolledBackWhenTheBodyThrows() async throws {
      try await play { scene in
        await #expect(throws: Deliberate(number: 7)) {
          try await scene.database.transaction { transaction in
            try await transaction.query(Self.insert, .int(1))
            throw Deliberate(number: 7)
          }
        }
        #expect(try await scene.numbers("t") == [])
        // The same connection serves the next one.
        _ = try await scene.database.transaction { try await $0.query(Self.insert, .int(2)) }
        #expect(try await scene.numbers("t") == [2])
      }
    }

    @Test func aStatementThatFailsTakesTheWholeTransactionWithIt() async throws {
      try await play { scene in
        let error = await failure {
          try await scene.database.transaction { transaction in
            try await transaction.query(Self.insert, .int(1))
            let first = await failure { try await transaction.query(Self.insert, .int(1)) }
            #expect(first?.sqlState == .uniqueViolation)
            try await transaction.query(Self.insert, .int(2))
          }
        }
        #expect(error?.sqlState?.rawValue == "25P02")
        let numbers = try await scene.numbers("t")
        #expect(numbers == [])
      }
    }

    @Test func aNestedOneIsUndoneAlone() async throws {
      try await play { scene in
        try await scene.database.transaction { transaction in
          try await transaction.query(Self.insert, .int(1))
          await #expect(throws: Deliberate()) {
            try await transaction.transaction { nested in
              try await nested.query(Self.insert, .int(2))
              throw Deliberate()
            }
          }
          let error = await failure {
            try await transaction.transaction { try await $0.query(Self.insert, .int(1)) }
          }
          #expect(error?.sqlState == .uniqueViolation)
          try await transaction.transaction { nested in
            try await nested.query(Self.insert, .int(3))
            _ = try await nested.transaction { try await $0.query(Self.insert, .int(4)) }
            _ = try? await nested.transaction { deepest in
              try await deepest.query(Self.insert, .int(5))
              throw Deliberate()
            }
          }
        }
        #expect(try await scene.numbers("t") == [1, 3, 4])
      }
    }

    @Test func manyShareFewConnections() async throws {
      try await play(.init(maxTransactions: 2)) { scene in
        let pids = try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 0..<30 {
            group.addTask {
              try await scene.database.transaction { transaction in
                try await transaction.query(Self.insert, .int(number))
                return try await transaction.query(.once("SELECT pg_backend_pid()", .reads))[0]
                  .decode(Int.self)
              }
            }
          }
          return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect((1...2).contains(pids.count))
        #expect(try await scene.numbers("t") == Array(0..<30))
      }
    }

    @Test func whoComesWhenTooManyWaitIsTurnedAway() async throws {
      try await play(.init(maxTransactions: 1, maxWaiting: 1)) { scene in
        try await scene.database.transaction { transaction in
          let waiting = scene.start {
            try await scene.database.transaction {
              try await $0.query(Self.insert, .int(2)).affected
            }
          }
          // It has begun to wait before this one asks.
          await Task.yield()
          let error = await failure { try await scene.database.transaction { _ in } }
          #expect(error?.kind == .overloaded && error?.retry == .safe)
          try await transaction.query(Self.insert, .int(1))
          _ = waiting
        }
        #expect(try await scene.loop.waits { try await scene.numbers("t") == [1, 2] })
      }
    }

    @Test func aLostConnectionEndsItAndTheNextGetsAnother() async throws {
      try await play { scene in
        let error = await failure {
          try await scene.database.transaction { transaction in
            try await transaction.query(Self.insert, .int(1))
            try await scene.terminate(like: "INSERT INTO t%", state: "idle in transaction")
            try await transaction.query(Self.insert, .int(2))
          }
        }
        #expect(error?.isOutage == true)
        #expect(try await scene.numbers("t") == [])
        _ = try await scene.database.transaction { try await $0.query(Self.insert, .int(3)) }
        #expect(try await scene.numbers("t") == [3])
      }
    }

    /// Two that lock the same rows the other way round: one of them is broken off, and runs again.
    @Test(.timeLimit(.minutes(5))) func aDeadlockIsNobodysFailure() async throws {
      try await play { scene in
        try await scene.outside.query(.once("INSERT INTO t VALUES (1), (2)"))
        let touch = Statement("UPDATE t SET n = n + 0 WHERE n = $1", .writes)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (first, second) in [(1, 2), (2, 1)] {
            group.addTask(executorPreference: scene.loop) {
              try await scene.database.repeatableTransaction { transaction in
                try await transaction.query(touch, .int(first))
                try await transaction.query(.once("SELECT pg_sleep(0.2)"))
                try await transaction.query(touch, .int(second))
              }
            }
            group.addTask(executorPreference: scene.loop) {
              _ = try await scene.database.run([
                touch(.int(first)), Statement.once("SELECT pg_sleep(0.1)")(), touch(.int(second)),
              ])
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }
}
