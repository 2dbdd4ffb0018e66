import Domain

/// `conversation`: what people write to each other.
enum ConversationOperations {
  static let all = [list, show, delete]

  private static let list = Operation(
    "conversation", "list", "List conversations", options: [ModerationCommands.user],
    columns: Moderation.conversations.columns, effect: .reads,
    examples: ["havocctl conversation list --user ada"]
  ) { invocation in
    try await invocation.list(
      Moderation.conversations,
      try await ModerationCommands.conditions(.conversation, invocation))
  }

  private static let show = Operation(
    "conversation", "show", "Show what was said in a conversation",
    details: "Nobody but the two may read it otherwise, so the audit says who did.",
    arguments: [ModerationCommands.one(.conversation)], columns: Moderation.messages.columns,
    effect: .reads, isCommandLineOnly: true,
    examples: ["havocctl conversation show 12 --where sender=ada"]
  ) { invocation in
    let moderation = ModerationCommands.service(invocation)
    let item = try await moderation.find(.conversation, invocation.arguments.text("ID"))
    try await moderation.noteReading(item)
    try await invocation.list(
      Moderation.messages, [Moderation.condition(messagesOf: item)])
  }

  private static let delete = Operation(
    "conversation", "delete", "Delete conversations with everything said in them",
    arguments: [ModerationCommands.many(.conversation)],
    columns: ModerationCommands.changeColumns(.conversation), effect: .destroys,
    examples: ["havocctl conversation delete 12 --yes"]
  ) { try await ModerationCommands.delete(.conversation, $0) }
}
