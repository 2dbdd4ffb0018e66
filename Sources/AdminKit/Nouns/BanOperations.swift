import Domain
import Postgres

/// `ban`: whom the servers turn away.
enum BanOperations {
  static let all = [list, add, lift]

  private static let target = Argument(
    "TARGET", .user, "an address, a network such as 192.0.2.0/24, or a user")

  private static let list = Operation(
    "ban", "list", "List the bans that hold",
    options: [Option("all", nil, .text, "those that are over too")],
    columns: Bans.listing.columns, effect: .reads, examples: ["havocctl ban list"]
  ) { invocation in
    try await invocation.list(
      Bans.listing, invocation.arguments.flag("all") ? [] : [Bans.isLive])
  }

  private static let add = Operation(
    "ban", "add", "Turn an address, a network or an account away",
    details: """
      Every server answers 403 from the next request on. A ban on a target that has one replaces it.
      """,
    arguments: [target],
    options: [
      Option("reason", "TEXT", .text, "why, for the record"),
      Option("for", "SPAN", .moment(.future), "how long (for ever unless given)"),
    ],
    columns: Bans.listing.columns + [.changed], effect: .adds,
    examples: [
      "havocctl ban add 192.0.2.0/24 --for 12h --reason 'password guessing'",
      "havocctl ban add mallory",
    ]
  ) { invocation in
    let bans = Bans(invocation.database, actor: invocation.actor)
    let target = try await bans.target(invocation.arguments.text("TARGET"))
    let expires = invocation.arguments.moment("for", .future)?.resolved(.future)
    if let expires, expires <= .now { throw Failure(option: "for", "that is in the past") }
    let (id, changed) = try await bans.add(
      target, reason: invocation.arguments.value("reason") ?? "", expires: expires)
    try await invocation.answerChange(Bans.listing, Bans.condition(id: id), changed: changed)
  }

  private static let lift = Operation(
    "ban", "lift", "Let a target in again",
    arguments: [Argument("TARGET", .live(.ban), "an address, a network, or a user")],
    columns: [Column("target", .text), .changed], effect: .changes,
    examples: ["havocctl ban lift 192.0.2.0/24"]
  ) { invocation in
    let bans = Bans(invocation.database, actor: invocation.actor)
    let target = try await bans.target(invocation.arguments.text("TARGET"))
    let changed = try await bans.lift(target)
    try await invocation.begin(shape: .one)
    try await invocation.row([.text(target.name), .bool(changed)], changed: changed)
  }
}
