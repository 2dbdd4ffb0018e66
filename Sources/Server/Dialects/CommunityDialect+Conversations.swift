import Domain

extension CommunityDialect {
  static let conversationRoutes: [Route] = [
    Route(.post, "conversations/start", speech, .caller, [.username], handle: start),
    Route(.get, "conversations", speech, .caller, handle: list),
    Route(.get, "conversations/<int:id>", speech, .caller, handle: show),
  ]

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
    let conversations = context.conversations
    return try await context.list(
      ListSource(
        id: \.conversation.id,
        fetch: { try await conversations.page(of: account, after: $0, limit: $1) },
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
    let conversations = context.conversations
    let conversation = try await conversations.find(context.numbers[0], for: caller)
    var opening = JSONWriter()
    opening.beginObject()
    writePair(conversation, to: &opening)
    opening.key("message_set")
    opening.beginArray()
    return try await context.list(
      ListSource(
        id: \.id,
        fetch: { try await conversations.messages(in: conversation.id, after: $0, limit: $1) },
        write: write),
      in: ListFrame(opening: opening.bytes, closing: Array("]}".utf8)))
  }
}

extension Context {
  var conversations: Conversations { Conversations(services.database) }
}
