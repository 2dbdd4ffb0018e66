import Domain

extension CommunityDialect {
  static let conversationRoutes: [Route] = [
    Route(.post, "conversations/start/", speech, .caller, [.username], handle: start)
      .documented(
        "start_conversation", "Begin a conversation",
        .ok(Schema(.object(pair)), "There is one already.").leading(to: conversation, id),
        .created(Schema(.object(pair))).leading(to: conversation, id)
      )
      .failing(400, "Malformed, or with oneself.")
      .failing(404, "There is nobody of that name.")
      .failing(409, "The other isn't connected."),
    Route(.get, "conversations/", speech, .caller, handle: list)
      .documented(
        "conversations", "One's conversations",
        .ok(.array(Schema(.object(pair + [.init(name: "last_message", schema: message.orNull)]))))
      )
      .asking(RequestParameter.page),
    Route(.get, "conversations/<int:convo_id>/", speech, .caller, handle: show)
      .documented(
        "conversation", "A conversation and its messages",
        .ok(Schema(.object(pair + [.init(name: "message_set", schema: .array(message))])))
      )
      .asking(RequestParameter.page),
  ]

  private static let conversation = "community_conversation"
  private static let id: KeyValuePairs = ["convo_id": "conversation_id"]

  private static let pair: [Schema.Property] = [
    .init(name: "conversation_id", schema: .id), .init(name: "initiator", schema: person),
    .init(name: "receiver", schema: person),
  ]

  private static let message = Schema.component(
    "Message",
    [
      "id": .id, "sender": .username,
      "message": .string(NewMessage.lengths, example: "Hello!"), "timestamp": .time,
    ])

  private static func writePair(_ conversation: Conversation, to writer: inout JSONWriter) {
    writer.field("conversation_id", conversation.id)
    writer.key("initiator")
    write(conversation.initiator, to: &writer)
    writer.key("receiver")
    write(conversation.receiver, to: &writer)
  }

  private static func write(_ message: Message, to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", message.id)
      $0.field("sender", message.sender)
      $0.field("message", message.body)
      $0.field("timestamp", message.created.rfc3339)
    }
  }

  @Sendable private static func start(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let (conversation, isNew) = try await context.conversations.start(
      caller, with: try context.input().required(.username))
    return .json(isNew ? 201 : 200) { writePair(conversation, to: &$0) }
  }

  @Sendable private static func list(_ context: Context) async throws -> Response {
    let account = try await context.caller().account
    return try await context.list(
      ListSource(
        id: \.conversation.id,
        fetch: { try await Conversations($0).page(of: account, after: $1, limit: $2) },
        write: { summary, writer in
          writer.object {
            writePair(summary.conversation, to: &$0)
            $0.key("last_message")
            if let message = summary.lastMessage { write(message, to: &$0) } else { $0.null() }
          }
        }))
  }

  @Sendable private static func show(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let conversation = try await context.conversations.find(context.numbers[0], for: caller)
    var opening = JSONWriter()
    opening.beginObject()
    writePair(conversation, to: &opening)
    opening.key("message_set")
    opening.beginArray()
    return try await context.list(
      ListSource(
        id: \.id,
        fetch: { try await Conversations($0).messages(in: conversation.id, after: $1, limit: $2) },
        write: write),
      in: ListFrame(opening: opening.bytes, closing: Array("]}".utf8)))
  }
}

extension Context {
  var conversations: Conversations { Conversations(services.database) }
}
