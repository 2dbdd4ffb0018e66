import Domain
import Glibc
import Postgres

/// `db`: the database itself.
enum DatabaseOperations {
  static let all = [status, migrate, backup, restore, shell]

  private static let columns = [
    Column("version", .int), Column("name", .text), Column("applied", .time),
  ]

  private static let status = Operation(
    "db", "status", "List the schema's steps and when each was applied", columns: columns,
    effect: .inspects, examples: ["havocctl db status"]
  ) { invocation in
    let list = try await LocalList(invocation)
    for step in try await Migrator(invocation.database).status() {
      try await list.row([.int(step.version), .text(step.name), .time(step.applied)])
    }
    try await list.finish()
  }

  private static let migrate = Operation(
    "db", "migrate", "Bring the schema to this program's version",
    details: """
      Each step is a transaction. Several that run at once wait for each other; run again, it
      changes nothing.
      """,
    columns: columns + [.changed], effect: .administers, examples: ["havocctl db migrate"]
  ) { invocation in
    let migrator = Migrator(invocation.database)
    if invocation.global.dryRun {
      try await invocation.begin(shape: .many)
      for step in try await migrator.status() where step.applied == nil {
        try await invocation.row(
          [.int(step.version), .text(step.name), .null, .bool(true)], changed: true)
      }
      return invocation.note("dry run: nothing was changed")
    }
    let done = try await migrator.migrate()
    try await invocation.begin(shape: .many)
    for step in try await migrator.status() {
      let changed = done.contains { $0.version == step.version }
      try await invocation.row(
        [.int(step.version), .text(step.name), .time(step.applied), .bool(changed)],
        changed: changed)
    }
  }

  private static let shell = Operation(
    "db", "shell", "Open psql on the database",
    details: "Words behind -- are psql's own.",
    arguments: [Argument("ARGUMENT", .text, .any, "arguments for psql")], effect: .administers,
    examples: ["havocctl db shell", "havocctl db shell -- -c 'select count(*) from account'"]
  ) { invocation in
    let status = try PsqlShell.run(
      conninfo: invocation.environment.conninfo ?? "",
      arguments: invocation.arguments.list("ARGUMENT"))
    guard status == 0 else { throw Failure(.failed, "psql ended with status \(status)") }
  }
}
