import Postgres

extension Moderation {
  public static let streams = Listing(
    from: "stream t JOIN account a ON a.id = t.account", order: ["-started", "-id"],
    searched: [.uuid("t.id"), .beginning("a.username_key")],
    [
      .uuid("id", "t.id"),
      .init("username", .text, "a.username"),
      .init("started", .time, "t.started", indexed: "t.started"),
      .init(
        "publisher", .bool,
        """
        EXISTS (SELECT FROM open_socket k WHERE k.target = t.id::text AND k.kind = 'publish')
        """),
      .init(
        "watchers", .int,
        """
        (SELECT count(*) FROM open_socket k WHERE k.target = t.id::text AND k.kind = 'watch')
        """),
      .init("frames", .int, "t.frames"),
      .init("bytes", .int, "t.bytes"),
      .init("dropped", .int, "t.dropped"),
      .init("ended", .time, "t.ended", wide: true),
    ])

  public static let conversations = Listing(
    from: """
      conversation t JOIN account i ON i.id = t.initiator JOIN account v ON v.id = t.receiver
      """,
    order: ["id"],
    searched: [
      .number("t.id"), .beginning("i.username_key"), .beginning("v.username_key"),
    ],
    [
      .init("id", .int, "t.id", indexed: "t.id"),
      .init("initiator", .text, "i.username"),
      .init("receiver", .text, "v.username"),
      .init("created", .time, "t.created"),
      .init(
        "messages", .int, "(SELECT count(*) FROM message m WHERE m.conversation = t.id)"),
      .init(
        "last_message", .time,
        """
        (SELECT m.created FROM message m WHERE m.conversation = t.id ORDER BY m.id DESC LIMIT 1)
        """, wide: true),
    ])

  public static let messages = Listing(
    from: Message.source, order: ["id"],
    [
      .init("id", .int, "m.id", indexed: "m.id"),
      .init("sender", .text, "o.username"),
      .init("message", .text, "m.body"),
      .init("timestamp", .time, "m.created"),
    ])

  public static let tweets = Listing(
    from: "tweet t JOIN account a ON a.id = t.author", order: ["id"],
    searched: [.number("t.id"), .beginning("a.username_key")],
    [
      .init("id", .int, "t.id", indexed: "t.id"),
      .init("username", .text, "a.username"),
      .init("created", .time, "t.created"),
      .init("size", .int, "char_length(t.body)"),
      .init("likes", .int, "t.likes"),
      .init("replies", .int, "t.replies"),
      .init("content", .text, "t.body", wide: true),
      .init("reply_to", .int, "t.reply_to", wide: true),
    ])

  public static let integers = Listing(
    from: """
      integer_set t JOIN integer_session g ON g.id = t.session JOIN account a ON a.id = g.account
      """,
    order: ["id"],
    searched: [.number("t.id"), .beginning("a.username_key")],
    [
      .init("id", .int, "t.id", indexed: "t.id"),
      .init("username", .text, "a.username"),
      .init("session", .text, "g.name"),
      .init("set", .text, "t.name"),
      .init("units", .int, "t.units"),
      .init("created", .time, "t.created"),
      .init("changed", .time, "t.changed"),
    ])

  public static let isLiveStream = Condition("t.id IN (SELECT id FROM live_stream)")

  /// Whose they are; both have a conversation.
  public static func condition(_ noun: Noun, user: User) -> Condition {
    switch noun {
    case .stream: Condition("t.account = ?::bigint", .int(user.id))
    case .tweet: Condition("t.author = ?::bigint", .int(user.id))
    case .integers: Condition("g.account = ?::bigint", .int(user.id))
    case .conversation:
      Condition(
        "(t.initiator = ?::bigint OR t.receiver = ?::bigint)", .int(user.id), .int(user.id))
    }
  }

  public static func condition(_ item: Item) -> Condition {
    Condition("t.id::text = ?::text", .text(item.id))
  }

  public static func condition(messagesOf conversation: Item) -> Condition {
    Condition("m.conversation = ?::bigint", .int(Int64(conversation.id)))
  }
}
