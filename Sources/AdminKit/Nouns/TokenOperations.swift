import Domain
import Postgres

/// `token`: what sessions are proved with.
enum TokenOperations {
  static let all = [list, issue, revoke, prune]

  private static let list = Operation(
    "token", "list", "List live tokens",
    details: "The tokens themselves are nowhere to be seen: the database keeps their hashes.",
    options: SelectionOptions.filters + [
      SelectionOptions.kind, Option("all", nil, .text, "the dead ones too"),
    ],
    columns: Sessions.tokenListing.columns, effect: .reads,
    examples: ["havocctl token list --user ada --kind opaque"]
  ) { try await SessionCommands.list(.token, $0) }

  /// Refresh tokens come in pairs with an access token, from a sign-in.
  private static let issuable = ["access", "opaque", "session_token"]

  private static let issue = Operation(
    "token", "issue", "Make a token for an account, and print it once",
    arguments: [Argument("USER", .user, "a username, e-mail address, id or user_id")],
    options: [
      Option("kind", "KIND", .choice(issuable), "what sort of token (access unless given)"),
      Option("ttl", "SPAN", .moment(.future), "how long it is good (the kind's own unless given)"),
    ],
    columns: Sessions.tokenListing.columns + [.changed, Column("token", .text)], effect: .adds,
    examples: ["havocctl token issue ci --kind opaque --ttl 90d -o json"]
  ) { invocation in
    let user = try await invocation.users.find(invocation.arguments.text("USER"))
    guard user.deleted == nil, !user.isLocked else {
      throw Refusal.conflict(
        "\(user.username) is \(user.isLocked ? "locked" : "deleted"): a token would be refused.")
    }
    let kind = invocation.arguments.value("kind").flatMap(CredentialKind.init) ?? .access
    let credential = try await invocation.sessions.issue(
      kind, to: user, lifetime: try lifetime(invocation.arguments),
      keys: invocation.environment.keys,
      lifetimes: invocation.environment.configuration.lifetimes)
    try await invocation.answerChange(
      Sessions.tokenListing, Sessions.condition(id: credential.id, .token), changed: true,
      extra: [(Column("token", .text), .text(credential.text))])
  }

  private static func lifetime(_ arguments: Arguments) throws -> Duration? {
    guard let moment = arguments.moment("ttl", .future) else { return nil }
    let now = Timestamp.now
    let seconds = moment.resolved(.future, now: now).seconds - now.seconds
    guard seconds > 0 else { throw Failure(option: "ttl", "that is in the past") }
    return .seconds(seconds)
  }

  private static let revoke = Operation(
    "token", "revoke", "Refuse tokens from now on; their sessions go on with their others",
    arguments: [Argument("TOKEN", .token, .any, "ids or beginnings of ids; - reads them")],
    options: SelectionOptions.filters + [
      SelectionOptions.kind, Option("all", nil, .text, "every live token"),
    ],
    columns: SessionCommands.revokeColumns, effect: .destroys,
    examples: ["havocctl token revoke --user ci --kind opaque --confirm=2"]
  ) { try await SessionCommands.revoke(.token, "TOKEN", $0) }

  private static let prune = Operation(
    "token", "prune", "Remove tokens that ended long ago", options: [SessionCommands.pruneOption],
    columns: [Column("removed", .int), .changed], effect: .prunes,
    examples: ["havocctl token prune --yes"]
  ) { try await SessionCommands.prune(.token, $0) }
}
