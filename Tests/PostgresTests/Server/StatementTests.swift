import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct StatementTests {
    @Test func aStatementIsPreparedOnceAConnection() async throws {
      try await Scene.play { scene in
        let twice = Statement("SELECT 2 * $1::int8 /* mine */")
        for number in 1...20 {
          let rows = try await scene.database.query(twice, .int(number))
          #expect(try rows[0].decode(Int.self) == 2 * number)
        }
        let count = try await scene.database.query(
          .once("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%mine%'", .reads)
        )
        #expect(try count[0].decode(Int.self) == 2 - 1)
        let once = Statement.once("SELECT 3 /* unprepared */", .reads)
        for _ in 0..<2 { try await scene.database.query(once) }
        let unprepared = try await scene.database.query(
          .once(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%unprepared%'",
            .reads))
        // Its own text says so too, but isn't prepared either.
        #expect(try unprepared[0].decode(Int.self) == 0)
      }
    }

    @Test func anErrorLeavesTheConnectionUsable() async throws {
      try await Scene.play { scene in
        let pid = Statement("SELECT pg_backend_pid()")
        let before = try await scene.database.query(pid)[0].decode(Int.self)
        let quotient = Statement("SELECT 1 / $1::int4")
        let error = await failure { try await scene.database.query(quotient, .int(0)) }
        #expect(error?.kind == .server && error?.sqlState?.rawValue == "22012")
        #expect(error?.message == "division by zero" && error?.retry == .pointless)
        #expect(try await scene.database.query(quotient, .int(1))[0].decode(Int.self) == 1)
        let syntax = await failure {
          try await scene.database.query(Statement("SELEC 1"))
        }
        #expect(syntax?.sqlState?.rawValue == "42601")
        #expect(try await scene.database.query(pid)[0].decode(Int.self) == before)
      }
    }

    /// Whoever asks at the same time isn't touched by somebody else's error.
    @Test func errorsAmongManyAreTheirOwners() async throws {
      try await Scene.play { scene in
        let quotient = Statement("SELECT 100 / $1::int4")
        let answers = await withTaskGroup(of: (Int, Int?).self) { group in
          for number in 0..<50 {
            group.addTask {
              let rows = try? await scene.database.query(quotient, .int(number % 5))
              return (number, try? rows?.first?.decode(Int.self))
            }
          }
          return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let expected = Dictionary(
          uniqueKeysWithValues: (0..<50).compactMap { $0 % 5 == 0 ? nil : ($0, 100 / ($0 % 5)) })
        #expect(answers == expected)
      }
    }

    @Test func statementsOfAUnitSucceedOrFailTogether() async throws {
      try await Scene.play { scene in
        try await scene.database.query(.once("CREATE TABLE t (n integer PRIMARY KEY)"))
        let insert = Statement("INSERT INTO t VALUES ($1)", .writes)
        let error = await failure {
          _ = try await scene.database.run([insert(.int(1)), insert(.int(2)), insert(.int(1))])
        }
        #expect(error?.sqlState == .uniqueViolation && error?.constraint == "t_pkey")
        #expect(try await scene.numbers("t") == [])
        let results = try await scene.database.run([
          insert(.int(1)), insert(.int(2)), Statement.once("SELECT count(*) FROM t", .reads)(),
        ])
        #expect(results.map(\.affected) == [1, 1, 1])
        #expect(try results[2][0].decode(Int.self) == 2)
        #expect(try await scene.numbers("t") == [1, 2])
      }
    }

    /// A violated constraint repeats the row, which may be a secret.
    @Test func theMessageNamesNoData() async throws {
      try await Scene.play { scene in
        try await scene.database.query(.once("CREATE TABLE t (secret text PRIMARY KEY)"))
        let insert = Statement("INSERT INTO t VALUES ($1)", .writes)
        try await scene.database.query(insert, .text("hunter2"))
        let error = await failure { try await scene.database.query(insert, .text("hunter2")) }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.description.contains("hunter2") == false)
      }
    }

    @Test func noRowsAndNoStatement() async throws {
      try await Scene.play { scene in
        let rows = try await scene.database.query(.once("SELECT 1 WHERE false", .reads))
        #expect(rows.isEmpty && rows.first == nil && rows.affected == 0)
        #expect(try await scene.database.query(.once("", .reads)).isEmpty)
        #expect(try await scene.database.run([]).isEmpty)
      }
    }
  }
}
