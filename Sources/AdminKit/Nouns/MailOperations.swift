import Domain

/// `mail`: what waits to be sent. Codes aren't in it: they are made when it is.
enum MailOperations {
  static let all = [list, show, retry, delete]

  private static let one = Argument("ID", .live(.mail), "an id")
  private static let many = Argument("ID", .live(.mail), .many, "ids; - reads them")
  private static let changeColumns = [Column("id", .int), .changed]

  private static let list = Operation(
    "mail", "list", "List the mail that waits to be sent",
    options: [Option("all", nil, .text, "that which was given up too")],
    columns: MailQueue.listing.columns, effect: .reads, examples: ["havocctl mail list --wide"]
  ) { invocation in
    try await invocation.list(
      MailQueue.listing, invocation.arguments.flag("all") ? [] : [MailQueue.isWaiting])
  }

  private static let show = Operation(
    "mail", "show", "Show one mail that waits to be sent", arguments: [one],
    columns: MailQueue.listing.columns, effect: .reads, examples: ["havocctl mail show 12 --wide"]
  ) { invocation in
    let id = invocation.arguments.text("ID")
    try await invocation.show(
      MailQueue.listing, [MailQueue.condition(id: Int64(id) ?? 0)], missing: MailQueue.missing(id))
  }

  private static func each(
    _ invocation: Invocation, _ change: (MailQueue, MailQueue.Waiting) async throws -> Void
  ) async throws {
    let queue = MailQueue(invocation.database)
    let mails = try await invocation.named("ID", id: { $0.id }, find: queue.find)
    try await invocation.begin(shape: .many)
    for mail in mails {
      try await change(queue, mail)
      try await invocation.row([.int(mail.id), .bool(true)], changed: true)
    }
  }

  private static let retry = Operation(
    "mail", "retry", "Send mail now that waits for its next try, or was given up",
    arguments: [many], columns: changeColumns, effect: .changes,
    examples: ["havocctl mail retry 12"]
  ) { invocation in
    try await each(invocation) { try await $0.retry($1, actor: invocation.actor) }
  }

  private static let delete = Operation(
    "mail", "delete", "Take mail out of the queue, which nobody gets then", arguments: [many],
    columns: changeColumns, effect: .destroys, examples: ["havocctl mail delete 12 --yes"]
  ) { invocation in
    try await each(invocation) { try await $0.delete($1, actor: invocation.actor) }
  }
}
