import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct ManyQueriesTests {
    @Test func tenThousandAtOnceAreAnsweredInOrder() async throws {
      let order = Journal<Int>()
      let limit: @Sendable (inout Database.Options) -> Void = { $0.maxInFlight = 20_000 }
      try await Scene.play(limit) { scene in
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
      let limit: @Sendable (inout Database.Options) -> Void = { $0.maxInFlight = 8 }
      try await Scene.play(limit) { scene in
        let one = Statement("SELECT 1")
        // Connected, and the session's settings answered.
        try await scene.database.query(one)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<20 {
            group.addTask {
              let error = await refusal { _ = try await scene.database.query(one) }
              if let error { #expect(error.kind == .overloaded && error.retry == .safe) }
              return error == nil
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 8)
        #expect(outcomes.count == 20)
        try await scene.database.query(one)
      }
    }

    @Test func soIsWhatComesBeforeTheConnectionIsThere() async throws {
      let limit: @Sendable (inout Database.Options) -> Void = { $0.maxInFlight = 8 }
      try await Scene.play(limit) { scene in
        let errors = await withTaskGroup(of: PostgresError.Kind?.self) { group in
          for _ in 0..<20 {
            group.addTask {
              await refusal { _ = try await scene.database.query(Statement("SELECT 1")) }?.kind
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors.compactMap { $0 }.allSatisfy { $0 == .overloaded })
        #expect((1...8).contains(errors.filter { $0 == nil }.count))
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
          let isWaiting = try await scene.loop.waits {
            try await !scene.backends(like: "%waits%").isEmpty
          }
          #expect(isWaiting)
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
