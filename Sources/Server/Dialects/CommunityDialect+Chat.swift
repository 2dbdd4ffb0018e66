import Domain
import Postgres

extension CommunityDialect {
  static let chatRoutes: [Route] = [
    Route(.get, "ws/chat/<int:convo_id>/", speech, .caller, handle: openChat)
      .socket(
        "chat", "A conversation's socket",
        """
        Takes `{"message": "…"}` of \(NewMessage.lengths.lowerBound) to \
        \(NewMessage.lengths.upperBound) characters. Both people's sockets receive `{"id", \
        "conversation_id", "sender", "message", "timestamp"}`, in one order, once it is stored.
        """
      )
      .asking([
        .query(
          "after", "Begins behind the message with this id.",
          .integer(0...Int64.max, example: 0))
      ])
  ]

  /// Bytes of a message with what stands around it.
  private static let longestMessage = 65_536
  /// Bytes that wait for a client that reads slowly.
  private static let longestQueue = 1_048_576
  private static let readBudget = 16_384

  @Sendable private static func openChat(_ context: Context) async throws -> Response {
    let handshake = try Handshake(context.request)
    let caller = try await context.caller(opening: handshake)
    let after = try context.request.number("after", 0...Int64.max)
    let conversation = context.numbers[0]
    let services = context.services
    let newest = try await Messages(services.database).newest(in: conversation, for: caller)
    let access = SocketAccess(
      id: .random(), kind: .chat, account: caller.account, session: caller.session,
      credential: caller.credential, address: context.request.address,
      target: String(conversation))
    let limits = WebSocket.Limits(
      message: longestMessage, queue: longestQueue, read: readBudget,
      rate: services.settings.chatRate)
    return try await services.sockets.open(handshake, access, limits: limits) { socket in
      let chat = ChatSocket(
        socket, conversation: conversation, last: after ?? newest, rooms: services.rooms,
        queue: services.messages)
      socket.handler = chat
      services.rooms.join(chat, newest: newest)
    }
  }
}
