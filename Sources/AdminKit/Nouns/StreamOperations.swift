import Domain

/// `stream`: streaming sessions, whose frames nobody keeps.
enum StreamOperations {
  static let all = [list, show, end, delete]

  private static let list = Operation(
    "stream", "list", "List live streaming sessions",
    options: [
      ModerationCommands.user, Option("all", nil, .text, "those that have ended too"),
    ],
    columns: Moderation.streams.columns, effect: .reads, examples: ["havocctl stream list"]
  ) { invocation in
    var conditions = try await ModerationCommands.conditions(.stream, invocation)
    if !invocation.arguments.flag("all") { conditions.append(Moderation.isLiveStream) }
    try await invocation.list(Moderation.streams, conditions)
  }

  private static let show = Operation(
    "stream", "show", "Show one streaming session", arguments: [ModerationCommands.one(.stream)],
    columns: Moderation.streams.columns, effect: .reads, examples: ["havocctl stream show 3f2a"]
  ) { try await ModerationCommands.show(.stream, Moderation.streams, $0) }

  private static let end = Operation(
    "stream", "end", "End streaming sessions for their publishers and all who watch",
    arguments: [ModerationCommands.many(.stream)],
    columns: ModerationCommands.changeColumns(.stream),
    effect: .destroys, examples: ["havocctl stream end 3f2a --yes"]
  ) { invocation in
    try await ModerationCommands.each(.stream, invocation) { try await $0.end($1) }
  }

  private static let delete = Operation(
    "stream", "delete", "End streaming sessions and remove what is known of them",
    arguments: [ModerationCommands.many(.stream)],
    columns: ModerationCommands.changeColumns(.stream),
    effect: .destroys, examples: ["havocctl stream delete 3f2a --yes"]
  ) { try await ModerationCommands.delete(.stream, $0) }
}
