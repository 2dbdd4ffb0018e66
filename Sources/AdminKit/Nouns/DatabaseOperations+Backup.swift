import Domain
import Postgres

extension DatabaseOperations {
  private static let backupColumns = [
    Column("file", .text), Column("bytes", .int), Column("tables", .int), Column("check", .text),
  ]

  static let backup = Operation(
    "db", "backup", "Write the whole database to a file, and prove that it can be restored",
    details: """
      The file is pg_dump's custom format, readable by its owner alone, and either whole or not
      there; servers may run meanwhile. It holds password hashes and keys. To prove it, it is
      restored into a database of its own, which is dropped again; where the role may not make one,
      the file is read to its end instead.
      """,
    arguments: [Argument("FILE", .file, "the file to write")],
    options: [
      Option("force", nil, .text, "replace a file that is there"),
      Option("no-check", nil, .text, "don't prove it"),
    ],
    columns: backupColumns, effect: .administers,
    examples: ["havocctl db backup /var/backups/havocctl.dump --force"]
  ) { invocation in
    let path = invocation.arguments.text("FILE")
    guard try await Migrator(invocation.database).version() > 0 else {
      throw Failure(
        .refused, "there is nothing to back up: the database has no schema",
        hint: "havocctl db migrate")
    }
    try await invocation.begin(shape: .one)
    if invocation.global.dryRun {
      try await invocation.row([.text(path), .null, .null, .text(Backup.Check.none.rawValue)])
      return invocation.note("dry run: nothing was written")
    }
    let backup = Backup(
      conninfo: invocation.environment.conninfo ?? "", database: invocation.database,
      note: invocation.note, progress: ProgressBar("backing up", invocation.environment))
    let (file, bytes, check) = try await backup.write(
      to: path, replaces: invocation.arguments.flag("force"),
      isChecked: !invocation.arguments.flag("no-check"))
    backup.progress.clear()
    try await record(.databaseBackup, path, invocation)
    try await invocation.row(
      [.text(path), .int(Int64(bytes)), .int(Int64(file.tables)), .text(check.rawValue)])
  }

  static let restore = Operation(
    "db", "restore", "Replace everything in the database by a backup",
    details: """
      All of it happens in one transaction, so that a failure leaves the database as it was. A backup
      with an older schema is brought to this program's; one with a newer schema is refused, and so
      is a database that servers use. Where accounts would be lost it asks for their number, or wants
      it as --confirm.
      """,
    arguments: [Argument("FILE", .file, "the file to read")],
    columns: [
      Column("file", .text), Column("tables", .int), Column("schema", .int), .changed,
    ], effect: .administers,
    examples: [
      "havocctl db restore havocctl.dump --dry-run", "havocctl db restore havocctl.dump",
    ]
  ) { invocation in
    let conninfo = invocation.environment.conninfo ?? ""
    let file = try BackupFile(invocation.arguments.text("FILE"), conninfo: conninfo)
    let version = try file.schemaVersion(conninfo: conninfo)
    let known = Migration.all.last?.version ?? 0
    guard version <= known else { throw SchemaMismatch.ahead(found: version, expected: known) }
    try await confirm(invocation)
    let isDryRun = invocation.global.dryRun
    let progress = ProgressBar("restoring", invocation.environment)
    try Restore(conninfo: conninfo, file: file, progress: progress).run(
      Migration.all.filter { $0.version > version }, isDryRun: isDryRun)
    progress.clear()
    if isDryRun {
      invocation.note("dry run: nothing was changed")
    } else {
      try await record(.databaseRestore, file.path, invocation)
    }
    try await invocation.begin(shape: .one)
    try await invocation.row(
      [.text(file.path), .int(Int64(file.tables)), .int(Int64(known)), .bool(true)])
  }

  /// Refuses while servers run, and asks where accounts would be lost.
  private static func confirm(_ invocation: Invocation) async throws {
    guard try await Migrator(invocation.database).version() > 0 else { return }
    let servers = try await count("live_server", invocation)
    guard servers == 0 else {
      throw Failure(
        .refused,
        servers == 1 ? "a server runs on this database" : "\(servers) servers run on this database",
        hint: "stop it; one that ended without a word is forgotten after 20 seconds")
    }
    guard !invocation.global.dryRun else { return }
    let terminal = invocation.environment.terminal
    let confirmation = Confirmation(
      operation: invocation.operation, effect: .destroys, what: "accounts",
      global: invocation.global, isAll: true,
      mayAsk: terminal.isInputTerminal && !invocation.global.noInput)
    try confirmation.settle(try await count("account", invocation), on: terminal)
  }

  private static func count(_ table: String, _ invocation: Invocation) async throws -> Int {
    do {
      return try await invocation.database.query(.once("SELECT count(*) FROM \(table)", .reads))[0]
        .decode(Int.self)
    } catch {
      // A schema from before there was such a table.
      guard error.sqlState == .undefinedTable else { throw error }
      return 0
    }
  }

  private static func record(
    _ event: Audit.Event, _ path: String, _ invocation: Invocation
  ) async throws {
    try await invocation.database.query(
      Audit.record(event, by: invocation.actor, on: path))
  }
}
