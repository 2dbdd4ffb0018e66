import Domain
import Postgres

/// The commands that are a noun by themselves.
enum ProgramOperations {
  static let all = [status, repl, version, help, completion]

  private static let status = Operation(
    "status", nil, "Show the database, what is in it, and the servers that run",
    details: """
      What servers count they tell every 5 seconds, and their rates are of the last 5.
      """,
    columns: [Column("name", .text), Column("value", .text)], effect: .reads,
    examples: ["havocctl status -o json", "havocctl status --watch 5"]
  ) { invocation in
    let list = try await LocalList(invocation)
    try await list.row([.text("version"), .text(invocation.environment.version)])
    let rows = try await invocation.database.query(figures)
    let names = rows.columnNames
    var cells = rows[0].cells
    for name in names {
      try await list.row([.text(name), .text(try cells.decode(String.self))])
    }
    try await list.finish()
  }

  /// Counts that the planner keeps would be quicker, and wrong on a small database.
  private static let figures = Statement(
    """
    SELECT current_setting('server_version') AS postgresql,
      current_database()::text AS database,
      pg_size_pretty(pg_database_size(current_database())) AS size,
      (SELECT max(version)::text FROM schema_migration) AS schema,
      (SELECT count(*)::text FROM account WHERE deleted IS NULL) AS users,
      (SELECT count(*)::text FROM account WHERE locked IS NOT NULL AND deleted IS NULL) AS locked,
      (SELECT count(*)::text FROM session WHERE revoked IS NULL AND expires > now()) AS sessions,
      (SELECT count(*)::text FROM credential c WHERE c.revoked IS NULL AND c.spent IS NULL
        AND c.expires > now()) AS tokens,
      (SELECT count(*)::text FROM ban WHERE coalesce(expires > now(), true)) AS bans,
      (SELECT count(*)::text FROM mail WHERE gave_up IS NULL) AS mail_waiting,
      (SELECT count(*)::text FROM mail WHERE gave_up IS NOT NULL) AS mail_given_up,
      coalesce((SELECT last_error FROM mail WHERE last_error IS NOT NULL
        ORDER BY due DESC LIMIT 1), '') AS mail_last_error,
      (SELECT count(*)::text FROM exercise) AS exercises,
      (SELECT count(*)::text FROM exercise_group) AS groups,
      (SELECT count(*)::text FROM integer_set) AS integer_sets,
      (SELECT count(*)::text FROM live_server) AS servers,
      (SELECT count(*)::text FROM open_socket) AS sockets,
      \(serverFigures.map(serverFigure).joined(separator: ", "))
    """)

  private static let serverFigures = [
    "requests", "requests_per_second", "stun_requests", "stun_answers", "stun_limited",
    "stun_per_second",
  ]

  /// Of all servers that run, since each of them began, or in its last seconds.
  private static func serverFigure(_ name: String) -> String {
    """
    (SELECT coalesce(sum((v.figures->>'\(name)')::bigint), 0)::text FROM live_server v) AS \(name)
    """
  }

  private static let repl = Operation(
    "repl", nil, "Run commands one after the other, as they are typed or read from a pipe",
    details: """
      On a terminal lines can be edited and completed with TAB, and are remembered in
      $XDG_STATE_HOME/havocctl/history. begin, commit and rollback try several changes together, as
      the prompt shows: * in a transaction, ! in one that failed. \\? lists what else there is.

      From a pipe the lines run in order, and the first that fails ends it with its status.
      """,
    effect: .converses, words: MetaCommand.allCases.map { ($0.usage, $0.summary) },
    examples: ["havocctl repl", "havocctl repl < accounts.txt"]
  ) { invocation in
    await invocation.end(with: try await REPL(invocation).run())
  }

  private static let version = Operation(
    "version", nil, "Print the program's version", columns: [Column("version", .text)],
    effect: .standsAlone, examples: ["havocctl version"]
  ) { invocation in
    try await invocation.begin(shape: .one)
    try await invocation.row([.text(invocation.environment.version)])
  }

  private static let help = Operation(
    "help", nil, "Say what a command does",
    arguments: [
      Argument("NOUN", .noun, .optional, "a noun"), Argument("VERB", .verb, .optional, "its verb"),
    ], effect: .standsAlone, examples: ["havocctl help user create"]
  ) { invocation in
    let registry = invocation.environment.registry
    let noun = invocation.arguments.optional("NOUN")
    let verb = invocation.arguments.optional("VERB")
    try invocation.write(try HelpText.text(noun: noun, verb: verb, registry))
  }
}

extension ProgramOperations {
  private static let completion = Operation(
    "completion", nil, "Print the script by which a shell completes havocctl",
    details: """
      With words, as the script gives them, it prints what may stand there. It never starts a
      database, and gives up on one that doesn't answer at once.
      """,
    arguments: [
      Argument("SHELL", .choice(Completion.Shell.allCases.map(\.rawValue)), "bash, zsh or fish"),
      Argument("WORD", .text, .any, "the command line so far, for the script's own use"),
    ], effect: .peeks,
    examples: ["source <(havocctl completion bash)", "havocctl completion fish | source"]
  ) { invocation in
    guard let shell = Completion.Shell(rawValue: invocation.arguments.text("SHELL")) else { return }
    let words = invocation.arguments.list("WORD")
    if words.isEmpty { return try invocation.write(Completion.script(for: shell)) }
    let answer = ShellCompletion(shell, invocation.environment.completer(.shell)).answer(words)
    try DescriptorSink().write(Array(answer.utf8))
  }
}

/// Help for whatever was named.
public enum HelpText {
  /// - Throws: `usage` with the nearest name.
  public static func text(noun: String?, verb: String?, _ registry: Registry) throws -> String {
    let help = Help(registry)
    guard let noun else { return help.overview() }
    guard registry.nouns.contains(noun) else {
      throw Failure(
        .usage, "there is no command “\(noun)”",
        hint: NearestName.find(noun, in: registry.nouns).map { "did you mean \($0)?" })
    }
    guard let verb else { return help.noun(noun) }
    guard let operation = registry.find(noun, verb) else {
      let verbs = registry.verbs(of: noun).compactMap(\.verb)
      throw Failure(
        .usage, "\(noun) has no verb “\(verb)”",
        hint: NearestName.find(verb, in: verbs).map { "did you mean \(noun) \($0)?" }
          ?? "there are: \(verbs.joined(separator: ", "))")
    }
    return help.operation(operation)
  }
}
