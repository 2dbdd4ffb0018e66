import Testing

@testable import Postgres

extension ServerTests {
  /// A migration changes what a prepared statement answers, while the server runs.
  @Suite struct StalePlanTests {
    private func play(_ body: @escaping @Sendable (Scene, Statement) async throws -> Void)
      async throws
    {
      try await Scene.play { scene in
        try await scene.outside.query(.once("CREATE TABLE t (n integer)"))
        try await scene.outside.query(.once("INSERT INTO t VALUES (7)"))
        try await body(scene, Statement("SELECT * FROM t"))
      }
    }

    private static func alter(_ scene: Scene, _ type: String) async throws {
      try await scene.outside.query(.once("ALTER TABLE t ALTER COLUMN n TYPE \(type)"))
    }

    @Test func aQueryNoticesNothing() async throws {
      try await play { scene, statement in
        #expect(try await scene.database.query(statement)[0].decode(Int.self) == 7)
        try await Self.alter(scene, "text")
        #expect(try await scene.database.query(statement)[0].decode(String.self) == "7")
        try await Self.alter(scene, "bigint USING n::bigint")
        #expect(try await scene.database.query(statement)[0].decode(Int.self) == 7)
      }
    }

    @Test func manyQueriesAtOnceNoticeNothing() async throws {
      try await play { scene, statement in
        try await scene.database.query(statement)
        try await Self.alter(scene, "text")
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 0..<20 {
            group.addTask { try await scene.database.query(statement)[0].decode(String.self) }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "7", count: 20))
      }
    }

    @Test func aTransactionFailsOnce() async throws {
      try await play { scene, statement in
        let read: @Sendable (Transaction) async throws -> Value = {
          try await $0.query(statement)[0].decode(Value.self)
        }
        #expect(try await scene.database.transaction(read) == .int(7))
        try await Self.alter(scene, "text")
        let error = await failure { _ = try await scene.database.transaction(read) }
        #expect(error?.sqlState == .featureNotSupported)
        #expect(try await scene.database.transaction(read) == .text("7"))
      }
    }

    /// As behind a pooler whose other server doesn't know the name.
    @Test func aStatementThatTheServerForgotIsPreparedAgain() async throws {
      try await play { scene, statement in
        try await scene.database.query(statement)
        try await scene.database.query(.once("DEALLOCATE ALL", .reads))
        #expect(try await scene.database.query(statement)[0].decode(Int.self) == 7)
      }
    }

    /// Preparing fails as long as the table is missing, and isn't taken for done.
    @Test func aStatementThatCouldNotBePreparedIsTriedAgain() async throws {
      try await Scene.play { scene in
        let statement = Statement("SELECT n FROM later")
        for _ in 0..<2 {
          let error = await failure { try await scene.database.query(statement) }
          #expect(error?.sqlState == .undefinedTable)
        }
        try await scene.outside.query(.once("CREATE TABLE later AS SELECT 3 AS n"))
        #expect(try await scene.database.query(statement)[0].decode(Int.self) == 3)
      }
    }
  }
}
