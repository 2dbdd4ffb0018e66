import Domain
import EventLoop

/// One person's socket in a conversation.
///
/// `@unchecked Sendable`: everything in it is touched only on its socket's loop.
final class ChatSocket: SocketHandler, @unchecked Sendable {
  /// Bytes of one client's messages that are being stored, beyond which it waits: they come back to
  /// it all at once.
  private static let mostPending = 262_144
  /// What a short message counts for.
  private static let leastWeight = 2048

  let conversation: Int64
  private let account: Int64
  private let socket: WebSocket
  private let rooms: ChatRooms
  private let queue: MessageQueue
  private var pending = 0
  /// The newest message that was sent to it.
  private(set) var last: Int64
  /// Whether it stands where the room is, and gets what the room gets.
  var isLive = false
  private(set) var isGone = false

  /// - Parameter last: what the client has already.
  init(_ socket: WebSocket, conversation: Int64, last: Int64, rooms: ChatRooms, queue: MessageQueue)
  {
    self.socket = socket
    self.conversation = conversation
    self.last = last
    self.rooms = rooms
    self.queue = queue
    account = socket.access.account
  }

  func deliver(_ frame: [UInt8], _ id: Int64) {
    guard id > last else { return }
    last = id
    socket.send(frame)
  }

  /// Waits where much is on its way already.
  func drained() async { await socket.drained() }

  /// What was missed can't be read now; the client asks again.
  func fail() { socket.close(1013, "The database is away.") }

  /// The conversation is gone.
  func close() { socket.closeAfterReview(1000, "The conversation was deleted.") }

  // MARK: What comes

  func received(_ message: SocketMessage) {
    do {
      let body = try Self.body(of: message)
      let weight = max(body.utf8.count, Self.leastWeight)
      pending += weight
      if pending >= Self.mostPending { socket.hold() }
      queue.send(NewMessage(conversation: conversation, sender: account, body: body)) {
        [self] failure in
        pending -= weight
        if pending <= Self.mostPending / 2 { socket.resume() }
        if let failure { say(failure) }
      }
    } catch {
      say(error.reason)
    }
  }

  private func say(_ error: String) {
    socket.send(FrameWriter.frame(.text, JSONWriter.object { $0.field("error", error) }))
  }

  private static func body(of message: SocketMessage) throws(BadRequest) -> String {
    guard case .text(let bytes) = message else {
      throw BadRequest(400, "Text is wanted, not bytes.")
    }
    let json: JSON
    do {
      json = try JSON.parse(bytes)
    } catch {
      throw BadRequest(
        400, "JSON parse error: \(error.reason) (line \(error.line), column \(error.column)).")
    }
    guard case .object = json, let value = json["message"] else {
      throw BadRequest(400, "An object with “message” is wanted.")
    }
    guard let text = value.string else { throw BadRequest(400, "“message” must be a text.") }
    guard NewMessage.lengths.contains(text.unicodeScalars.count) else {
      throw BadRequest(400, "A message has 1 to \(NewMessage.lengths.upperBound) characters.")
    }
    return text
  }

  func ended() {
    isGone = true
    rooms.leave(self)
  }
}
