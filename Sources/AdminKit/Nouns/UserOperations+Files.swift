import Domain
import Glibc
import Postgres

extension UserOperations {
  private static let withHashes = Option(
    "with-hashes", nil, .text, "the password hashes too, which are worth protecting")

  static let importFile = Operation(
    "user", "import", "Bring accounts in from a file, by username",
    details: """
      CSV with a header, a JSON array, or a JSON object a line. username is the only column that must
      be there; others are email, first_name, last_name, permission (a code or its level),
      two_factor, locked, created, last_login, user_id, is_42, avatar, and password or
      password_hash. What a file doesn't tell stays as it is, so that an export can be brought in
      again, and running it twice changes nothing.

      A hash is argon2id's ($argon2id$v=19$…) or Django's (pbkdf2_sha256$…): its owner signs in with
      the password they have, and it is made anew then. Passwords are hashed one by one, some 80 a
      second on each core.

      All or nothing: up to 20 errors are listed by line and column.
      """,
    arguments: [FileOptions.input],
    options: [
      FileOptions.format, .continueOnError,
      Option("force", nil, .text, "take passwords that break the rules"),
    ],
    columns: FileOptions.countColumns, effect: .adds,
    examples: [
      "havocctl user import staff.csv --dry-run",
      "jq -c '.[]' staff.json | havocctl user import - --format jsonl --continue-on-error",
    ]
  ) { invocation in
    let record = UserRecord(permissions: try await invocation.permissions.all())
    let rules = invocation.arguments.flag("force") ? nil : invocation.environment.rules
    let hasher = try PasswordHasher(
      parameters: invocation.environment.configuration.passwords,
      threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), limit: .max)
    let (counts, faults) = try await invocation.database.transaction { transaction in
      try await FileOptions.read(
        invocation, "users", checkColumn: UserRecord.check(column:)
      ) { (line) throws(Refusal) in
        let user = try record.user(line)
        if let rules, let password = user.password {
          try rules.check(
            password, field: "password", username: user.username, email: user.email)
        }
        return user
      } store: { reader, next in
        let users = UserImport(
          transaction, beside: invocation.environment.database ?? invocation.database,
          hasher: hasher, actor: invocation.actor)
        return try await users.run(next: next) { faults in
          for fault in faults {
            try reader.note(line: fault.line, field: fault.field, fault.message)
          }
          try reader.finish()
        }
      }
    }
    try await FileOptions.answer(counts, faults: faults, invocation)
  }

  /// What is no part of an account that could be brought in again.
  private static let momentary = ["deleted", "is_connected"]

  static let export = Operation(
    "user", "export", "Write the accounts to a file that import reads",
    details: """
      The file is readable by its owner alone, and either whole or not there. Deleted accounts are
      left out.
      """,
    arguments: [FileOptions.output], options: [FileOptions.format, withHashes],
    columns: Users.exportListing.columns, effect: .reads,
    examples: [
      "havocctl user export users.csv", "havocctl user export --with-hashes --format jsonl | gzip",
    ]
  ) { invocation in
    let listing =
      invocation.arguments.flag(withHashes.name) ? Users.exportListing : Users.listing
    try await FileOptions.export(
      invocation, listing, columns: listing.columns.filter { !momentary.contains($0.key) }, "users",
      [Users.condition(deleted: false)])
    if invocation.arguments.flag(withHashes.name) {
      try await invocation.database.query(
        Audit.record(.userExport, by: invocation.actor, on: invocation.arguments.optional("FILE")))
    }
  }
}
