import Glibc
import TestSupport
import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct ManyQueriesTests {
    @Test func tenThousandAtOnceAreAnsweredInOrder() async throws {
      let order = Journal<Int>()
      try await Scene.play(.init(maxInFlight: 20_000)) { scene in
        let echo = Statement("SELECT $1::int8")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<10_000 {
            group.addTask {
              let rows = try await scene.database.query(echo, .int(number))
              order.note(try rows[0].decode(Int.self) == number ? number : -1)
            }
          }
          try await group.waitForAll()
        }
        #expect(scene.database.inFlight == 0)
      }
      #expect(order.entries == Array(0..<10_000))
    }

    /// Much in both directions: the server reads no further while its answers aren't taken.
    @Test func bigQueriesWithBigAnswersDoNotBlockEachOther() async throws {
      let text = String(repeating: "x", count: 300_000)
      let lengths = try await Scene.play { scene in
        let echo = Statement("SELECT $1::text")
        return try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<40 {
            group.addTask {
              let rows = try await scene.database.query(echo, .text(text))
              return try rows[0].decode(String.self).utf8.count
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(lengths == Array(repeating: 300_000, count: 40))
    }

    @Test func whatComesBeyondTheLimitIsTurnedAway() async throws {
      try await Scene.play(.init(maxInFlight: 8)) { scene in
        let one = Statement("SELECT 1")
        // Connected, and the session's settings answered.
        try await scene.database.query(one)
        let errors = await Self.ask(one, times: 20, of: scene)
        #expect(errors.count { $0 == nil } == 8)
        for case .some(let error) in errors {
          #expect(error.kind == .overloaded && error.retry == .safe && error.isOutage)
        }
        try await scene.database.query(one)
      }
    }

    @Test func soIsWhatComesBeforeTheConnectionIsThere() async throws {
      try await Scene.play(.init(maxInFlight: 8)) { scene in
        let errors = await Self.ask(Statement("SELECT 1"), times: 20, of: scene)
        #expect(errors.allSatisfy { $0 == nil || $0?.kind == .overloaded })
        #expect((1...8).contains(errors.count { $0 == nil }))
      }
    }

    /// Asks at once, and gives the error of each that got one.
    private static func ask(
      _ statement: Statement, times: Int, of scene: Scene
    ) async -> [PostgresError?] {
      await withTaskGroup(of: PostgresError?.self) { group in
        for _ in 0..<times {
          group.addTask {
            do throws(PostgresError) {
              try await scene.database.query(statement)
              return nil
            } catch {
              return error
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }

    /// Reads of one turn share an implicit transaction; each failure stays its own all the same.
    @Test func aFailureAmongReadsReachesItsOwnCallerOnly() async throws {
      try await Scene.play { scene in
        let divide = Statement("SELECT 100 / $1::int8")
        try await scene.database.query(divide, .int(Int64(1)))
        let answers = await withTaskGroup(of: (Int, Int?).self) { group in
          for number in 0..<60 {
            group.addTask {
              let divisor = number.isMultiple(of: 7) ? 0 : number
              let rows = try? await scene.database.query(divide, .int(divisor))
              return (number, try? rows?[0].decode(Int.self))
            }
          }
          return await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<60 {
          #expect(answers[number] == (number.isMultiple(of: 7) ? nil : 100 / number))
        }
      }
    }

    /// What is held behind a group leaves with whatever libpq sends next, and the server says at
    /// once what failed of it: before its Sync is sent, where this side was late.
    @Test func aReadMayFailBeforeItsSyncIsSent() async throws {
      let slow = Statement(
        "SELECT repeat('x', 10000), pg_sleep(0.1) FROM generate_series(1, $1::int8)")
      let divide = Statement("SELECT 100 / $1::int8")
      try await Scene.play { scene in
        for statement in [slow, divide] {
          try await scene.database.query(statement, .int(Int64(1)))
        }
        let first = scene.start { try await scene.database.query(slow, .int(Int64(3))).count }
        await scene.loop.sleep(for: .milliseconds(50))
        let second = scene.start {
          await failure { try await scene.database.query(divide, .int(Int64(0))) }
        }
        await scene.loop.sleep(for: .milliseconds(100))
        scene.loop.preconditionOnLoop()
        usleep(500_000)
        #expect(try await first.value == 3)
        #expect(try await second.value?.sqlState == SQLState(rawValue: "22012"))
        // The Sync goes out now, with nobody behind it.
        await scene.loop.nextTurn()
        try await scene.database.query(divide, .int(Int64(1)))
      }
    }

    /// One waits for a lock; who only reads doesn't wait behind it.
    @Test func readersDoNotWaitBehindAWriter() async throws {
      try await Scene.play { scene in
        let number = Int64.random(in: 0...Int64.max)
        let lock = Statement("SELECT pg_advisory_xact_lock($1) /* waits */", .writes)
        try await scene.outside.transaction { transaction in
          try await transaction.query(lock, .int(number))
          let writer = scene.start { try await scene.database.query(lock, .int(number)).count }
          #expect(try await scene.loop.waits { try await !scene.backends(like: "%waits%").isEmpty })
          let rows = try await scene.database.query(Statement("SELECT 7"))
          #expect(try rows[0].decode(Int.self) == 7)
          #expect(scene.database.inFlight == 1)
          // Its lock ends with this transaction.
          _ = writer
        }
      }
    }
  }
}
