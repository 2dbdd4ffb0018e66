import Domain
import Postgres

extension CommunityDialect {
  static let chatRoutes: [Route] = [
    Route(.get, "ws/chat/<int:id>", speech, .caller, handle: openChat)
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
      message: longestMessage, queue: longestQueue, read: readBudget, rate: services.chatRate)
    return try await services.sockets.open(handshake, access, limits: limits) { socket in
      let chat = ChatSocket(
        socket, conversation: conversation, last: after ?? newest, rooms: services.rooms,
        queue: services.messages)
      socket.handler = chat
      services.rooms.join(chat, newest: newest)
    }
  }
}
