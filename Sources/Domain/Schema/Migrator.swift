import Postgres

/// Brings a database's schema to this program's version.
public struct Migrator: Sendable {
  /// A step and when it was applied; nil where it wasn't yet.
  public struct Status: Sendable {
    public let version: Int
    public let name: String
    public let applied: Timestamp?
  }

  /// Two servers that start at once wait for each other under this advisory lock.
  private static let lock: Int64 = 0x6861_766f_6363_746c

  private let database: any Querying
  private let migrations: [Migration]

  public init(_ database: any Querying, migrations: [Migration] = Migration.all) {
    self.database = database
    self.migrations = migrations
  }

  /// Applies what is missing, each step in a transaction of its own.
  /// - Returns: the steps applied now.
  public func migrate() async throws -> [Migration] {
    var done: [Migration] = []
    for migration in migrations {
      let applied = try await database.transaction { transaction in
        try await transaction.query(.once("SELECT pg_advisory_xact_lock(\(Self.lock))"))
        try await transaction.query(
          .once(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
              version integer PRIMARY KEY, name text NOT NULL,
              applied timestamptz NOT NULL DEFAULT now())
            """))
        let newest = try await newest(in: transaction)
        if newest >= migration.version { return false }
        for statement in migration.statements {
          try await transaction.query(.once(statement))
        }
        try await transaction.query(
          .once("INSERT INTO schema_migration (version, name) VALUES ($1, $2)"),
          .int(migration.version), .text(migration.name))
        return true
      }
      if applied { done.append(migration) }
    }
    return done
  }

  /// Every step that this program or the database knows.
  public func status() async throws -> [Status] {
    var applied: [Int: (name: String, time: Timestamp)] = [:]
    if try await newest(in: database) > 0 {
      for row in try await database.query(Self.steps) {
        let (version, name, time) = try row.decode(Int.self, String.self, Timestamp.self)
        applied[version] = (name, time)
      }
    }
    var all = migrations.map {
      Status(version: $0.version, name: $0.name, applied: applied[$0.version]?.time)
    }
    for (version, step) in applied where !migrations.contains(where: { $0.version == version }) {
      all.append(Status(version: version, name: step.name, applied: step.time))
    }
    return all.sorted { $0.version < $1.version }
  }

  /// The newest step that was applied, 0 in a database that never had one.
  public func version() async throws -> Int { try await newest(in: database) }

  /// Refuses a database whose schema isn't this program's.
  public func check() async throws {
    let expected = migrations.last?.version ?? 0
    let found = try await newest(in: database)
    if found < expected { throw SchemaMismatch.behind(found: found, expected: expected) }
    if found > expected { throw SchemaMismatch.ahead(found: found, expected: expected) }
  }

  private static let newest = Statement("SELECT coalesce(max(version), 0) FROM schema_migration")

  private static let steps = Statement("SELECT version, name, applied FROM schema_migration")

  /// The newest step that was applied, 0 in a database that never had one.
  private func newest(in database: any Querying) async throws(PostgresError) -> Int {
    do {
      return try await database.query(Self.newest)[0].decode(Int.self)
    } catch {
      guard error.sqlState == .undefinedTable else { throw error }
      return 0
    }
  }
}

/// The database's schema isn't the one that this program works with.
public enum SchemaMismatch: Error, Sendable, Equatable {
  case behind(found: Int, expected: Int)
  case ahead(found: Int, expected: Int)
}

extension Migration {
  /// The step's text cut into single statements, which the extended protocol wants one by one. A
  /// semicolon at a line's end closes a statement, except inside a `$$` body.
  var statements: [String] {
    var statements: [String] = []
    var current = ""
    var isInBody = false
    for line in sql.split(separator: "\n", omittingEmptySubsequences: false) {
      current += line + "\n"
      if line.split(separator: "$$", omittingEmptySubsequences: false).count.isMultiple(of: 2) {
        isInBody.toggle()
      }
      if line.hasSuffix(";"), !isInBody {
        statements.append(current)
        current = ""
      }
    }
    if !current.allSatisfy(\.isWhitespace) { statements.append(current) }
    return statements
  }
}
