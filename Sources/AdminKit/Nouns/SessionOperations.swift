import Domain
import Postgres

/// The options by which sessions and tokens are chosen.
enum SelectionOptions {
  static let filters = [
    Option("user", "USER", .user, "only this account's"),
    Option("dialect", "NAME", .choice(Dialect.allCases.map(\.rawValue)), "only of this dialect"),
    Option("address", "NETWORK", .text, "only from this address or network"),
    Option("before", "WHEN", .moment(.past), "only those made before"),
    Option("idle-since", "WHEN", .moment(.past), "only those not used since"),
    Option("expired", nil, .text, "only those that have expired"),
  ]
  static let kind = Option(
    "kind", "KIND", .choice(CredentialKind.allCases.map(\.rawValue)), "only of this kind")

  /// - Throws: where the user isn't there.
  static func selection(_ invocation: Invocation) async throws -> Sessions.Selection {
    let arguments = invocation.arguments
    var selection = Sessions.Selection()
    if let user = arguments.value("user") {
      selection.account = try await invocation.users.find(user).id
    }
    selection.dialect = arguments.value("dialect")
    if let address = arguments.value("address") {
      guard let network = Network(address) else {
        throw Failure(
          option: "address", "“\(address)” is neither an address nor a network",
          hint: "such as 192.0.2.7 or 192.0.2.0/24")
      }
      selection.address = network.description
    }
    selection.kind = arguments.value("kind")
    selection.before = arguments.moment("before", .past)?.resolved(.past)
    selection.idleSince = arguments.moment("idle-since", .past)?.resolved(.past)
    selection.expiredOnly = arguments.flag("expired")
    return selection
  }

  static func isGiven(_ arguments: Arguments) -> Bool {
    (filters + [kind]).contains { arguments.flag($0.name) }
  }
}

/// What `session` and `token` do alike.
enum SessionCommands {
  static func list(_ noun: Sessions.Noun, _ invocation: Invocation) async throws {
    var selection = try await SelectionOptions.selection(invocation)
    selection.includesDead = invocation.arguments.flag("all")
    try await invocation.list(
      listing(noun), selection.conditions(forTokens: noun == .token))
  }

  static func listing(_ noun: Sessions.Noun) -> Listing {
    noun == .session ? Sessions.listing : Sessions.tokenListing
  }

  static let revokeColumns = [Column("id", .text), .changed]

  /// Those that are named, or those that the filters choose, or all.
  static func revoke(
    _ noun: Sessions.Noun, _ argument: String, _ invocation: Invocation
  ) async throws {
    let words = invocation.arguments.list(argument)
    let isFiltered = SelectionOptions.isGiven(invocation.arguments)
    let isAll = invocation.arguments.flag("all")
    guard words.isEmpty == (isFiltered || isAll) else {
      throw Failure(
        .usage,
        words.isEmpty ? "which ones?" : "ids and filters exclude each other",
        hint: "give ids, filters such as --user NAME, or --all")
    }
    let ids =
      words.isEmpty
      ? try await chosen(noun, invocation)
      : try await invocation.named(
        argument, id: { $0 }, find: { try await invocation.sessions.find($0, noun) })
    let revoked = Set(try await invocation.sessions.revoke(ids, noun))
    try await invocation.begin(revokeColumns, shape: .many)
    for id in ids {
      let changed = revoked.contains(id)
      try await invocation.row([.text(id.description), .bool(changed)], changed: changed)
    }
  }

  private static func chosen(
    _ noun: Sessions.Noun, _ invocation: Invocation
  ) async throws -> [UUID] {
    let selection = try await SelectionOptions.selection(invocation)
    var request = ListRequest()
    request.columns = ["id"]
    request.conditions = selection.conditions(forTokens: noun == .token)
    let query = try listing(noun).query(request)
    let rows = try await invocation.database.query(
      BoundStatement(statement: .once(query.sql, .reads), parameters: query.parameters))
    let ids = try rows.map { row throws(PostgresError) in try row.decode(String.self) }
    return ids.compactMap { UUID($0) }
  }

  /// Rows that one batch removes: short enough that nothing waits for its locks.
  private static let batch = 1_000

  static let pruneOption = Option(
    "before", "WHEN", .moment(.past), "only those dead since before (30d unless given)")

  static func prune(_ noun: Sessions.Noun, _ invocation: Invocation) async throws {
    let before =
      (invocation.arguments.moment("before", .past) ?? .span(.seconds(30 * 86_400), signed: false))
      .resolved(.past)
    try await Pruning.run(
      invocation, count: { try await invocation.sessions.countPrunable(noun, before: before) },
      removeBatch: {
        try await invocation.sessions.prune(noun, before: before, batch: batch)
      })
  }
}

/// Asks once, then removes batch by batch, each in a transaction of its own.
enum Pruning {
  static func run(
    _ invocation: Invocation, count: () async throws -> Int,
    removeBatch: () async throws -> Int
  ) async throws {
    let wanted = try await count()
    try await invocation.begin([Column("removed", .int), .changed], shape: .one)
    if invocation.global.dryRun {
      try await invocation.row([.int(wanted), .bool(wanted > 0)])
      return invocation.note("dry run: nothing was changed")
    }
    let terminal = invocation.environment.terminal
    let confirmation = Confirmation(
      operation: invocation.operation, global: invocation.global, isAll: false,
      mayAsk: terminal.isInputTerminal && !invocation.global.noInput)
    try confirmation.settle(wanted, on: terminal)
    var removed = 0
    while removed < wanted {
      let batch = try await removeBatch()
      if batch == 0 { break }
      removed += batch
    }
    if removed > 0 {
      try await invocation.database.query(
        Audit.record(
          .prune, by: invocation.actor, on: invocation.operation.noun,
          after: [.init("removed", .int(Int64(removed)))]))
    }
    try await invocation.row([.int(removed), .bool(removed > 0)])
  }
}

/// `session`: sign-ins, each on one device.
enum SessionOperations {
  static let all = [list, show, revoke, prune]

  private static let list = Operation(
    "session", "list", "List live sessions",
    options: SelectionOptions.filters + [Option("all", nil, .text, "the dead ones too")],
    columns: Sessions.listing.columns, effect: .reads,
    examples: ["havocctl session list --user ada --idle-since 7d"]
  ) { try await SessionCommands.list(.session, $0) }

  private static let show = Operation(
    "session", "show", "Show one session",
    arguments: [Argument("SESSION", .session, "an id, or enough of its beginning")],
    columns: Sessions.listing.columns, effect: .reads, examples: ["havocctl session show 3f2a"]
  ) { invocation in
    let id = try await invocation.sessions.find(invocation.arguments.text("SESSION"), .session)
    try await invocation.show(
      Sessions.listing, [Sessions.condition(id: id, .session)], missing: "It is gone.")
  }

  private static let revoke = Operation(
    "session", "revoke", "End sessions, with every token of theirs",
    arguments: [Argument("SESSION", .session, .any, "ids or beginnings of ids; - reads them")],
    options: SelectionOptions.filters + [Option("all", nil, .text, "every live session")],
    columns: SessionCommands.revokeColumns, effect: .destroys,
    examples: [
      "havocctl session revoke 3f2a --yes", "havocctl session revoke --user ada --confirm=3",
    ]
  ) { try await SessionCommands.revoke(.session, "SESSION", $0) }

  private static let prune = Operation(
    "session", "prune", "Remove sessions that ended long ago",
    options: [SessionCommands.pruneOption],
    columns: [Column("removed", .int), .changed], effect: .prunes,
    examples: ["havocctl session prune --before 90d --yes"]
  ) { try await SessionCommands.prune(.session, $0) }
}
