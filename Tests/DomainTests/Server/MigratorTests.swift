import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct MigratorTests {
    private static let steps = [
      Migration(1, "one", "CREATE TABLE a (n integer);\nINSERT INTO a VALUES (1);"),
      Migration(2, "two", "CREATE TABLE b (n integer);\nINSERT INTO a VALUES (2);"),
    ]

    private static let broken = Migration(
      3, "three",
      """
      CREATE TABLE c (n integer);
      INSERT INTO a VALUES (3);
      INSERT INTO nowhere VALUES (3);
      """)

    @Test func whatIsMissingIsApplied() async throws {
      try await Home.open(isMigrated: false) { home in
        let first = Migrator(home.database, migrations: [Self.steps[0]])
        #expect(try await first.status().map(\.applied) == [nil])
        #expect(try await first.migrate().map(\.version) == [1])
        let both = Migrator(home.database, migrations: Self.steps)
        #expect(try await both.migrate().map(\.version) == [2])
        #expect(try await both.migrate().map(\.version) == [])
        let status = try await both.status()
        #expect(status.map(\.name) == ["one", "two"])
        #expect(status.allSatisfy { $0.applied != nil })
        #expect(try await home.number("SELECT sum(n) FROM a") == 3)
      }
    }

    @Test func whoStartsAtTheSameTimeWaits() async throws {
      try await Home.open(isMigrated: false) { home in
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
          for _ in 0..<4 {
            group.addTask {
              try await Migrator(home.database, migrations: Self.steps).migrate().map(\.version)
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.sorted() == [1, 2])
        #expect(try await home.number("SELECT sum(n) FROM a") == 3)
      }
    }

    @Test func aStepThatFailsHalfWayLeavesNothing() async throws {
      try await Home.open(isMigrated: false) { home in
        let migrator = Migrator(home.database, migrations: Self.steps + [Self.broken])
        await #expect(throws: PostgresError.self) { try await migrator.migrate() }
        let version = try await home.number("SELECT max(version) FROM schema_migration")
        #expect(version == 2)
        #expect(try await home.number("SELECT count(*) FROM a WHERE n = 3") == 0)
        #expect(
          try await home.texts("SELECT coalesce(to_regclass('c')::text, 'none')") == ["none"])
        #expect(try await migrator.status().map { $0.applied == nil } == [false, false, true])
      }
    }

    @Test func aSchemaOfAnotherVersionIsNamed() async throws {
      try await Home.open(isMigrated: false) { home in
        let one = Migrator(home.database, migrations: [Self.steps[0]])
        let two = Migrator(home.database, migrations: Self.steps)
        await #expect(throws: SchemaMismatch.behind(found: 0, expected: 1)) {
          try await one.check()
        }
        _ = try await two.migrate()
        await #expect(throws: SchemaMismatch.ahead(found: 2, expected: 1)) { try await one.check() }
        try await two.check()
        // A step that only the database knows is shown all the same.
        #expect(try await one.status().map(\.version) == [1, 2])
      }
    }

    @Test func theProgramsOwnSchema() async throws {
      try await Home.open { home in
        try await Migrator(home.database).check()
        #expect(
          try await home.texts(
            "SELECT code || ' ' || level || ' ' || is_admin FROM permission ORDER BY code")
            == ["1 USER false", "2 STAFF false", "3 ADMIN true"])
        #expect(try await Migrator(home.database).migrate().isEmpty)
      }
    }
  }
}
