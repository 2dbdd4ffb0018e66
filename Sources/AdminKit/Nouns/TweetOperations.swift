import Domain

/// `tweet`: what people publish.
enum TweetOperations {
  static let all = [list, show, delete]

  private static let list = Operation(
    "tweet", "list", "List tweets", options: [ModerationCommands.user],
    columns: Moderation.tweets.columns, effect: .reads,
    examples: ["havocctl tweet list --user ada --columns id,created,content"]
  ) { invocation in
    try await invocation.list(
      Moderation.tweets, try await ModerationCommands.conditions(.tweet, invocation))
  }

  private static let show = Operation(
    "tweet", "show", "Show one tweet", arguments: [ModerationCommands.one(.tweet)],
    columns: Moderation.tweets.columns, effect: .reads, examples: ["havocctl tweet show 12 --wide"]
  ) { try await ModerationCommands.show(.tweet, Moderation.tweets, $0) }

  private static let delete = Operation(
    "tweet", "delete", "Delete tweets; replies to them stay",
    arguments: [ModerationCommands.many(.tweet)], columns: ModerationCommands.changeColumns(.tweet),
    effect: .destroys, examples: ["havocctl tweet delete 12 --yes"]
  ) { try await ModerationCommands.delete(.tweet, $0) }
}
