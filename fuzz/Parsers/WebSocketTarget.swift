@testable import Server

/// What a client sends through a socket, in one piece and in several: the same messages come out of
/// it, and the same is said to it, in frames as a server sends them.
///
/// The first byte is the pieces' size.
enum WebSocketTarget {
  private static let limit = 300

  static func check(_ bytes: UnsafeRawBufferPointer) {
    guard let size = bytes.first else { return }
    let sent = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    var whole = read(sent, pieces: max(1, sent.count))
    var pieces = read(sent, pieces: max(1, Int(size)))
    // A ping that comes together with the goodbye needs no answer (RFC 6455, section 5.5.2).
    whole.reply = WebSocketFrames.check(whole.reply[...])
    pieces.reply = WebSocketFrames.check(pieces.reply[...])
    require(whole == pieces, "another conversation: \(whole) and \(pieces)")
    for message in whole.messages { require(message.count <= limit, "a message too long") }
  }

  private struct Conversation: Equatable {
    var messages: [[UInt8]] = []
    var reply: [UInt8] = []
    var controlFrames = 0
    var isClosed = false
    var hasFailed = false
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, pieces: Int) -> Conversation {
    var conversation = Conversation()
    guard var reader = FrameReader(limit: limit) else { fatalError("out of memory") }
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      // Another one may go on where nothing is held.
      if reader.isAtBoundary, !reader.isDone, let next = FrameReader(limit: limit) {
        reader = next
      }
      let end = min(start + pieces, bytes.count)
      let outcome = reader.read(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      conversation.messages += outcome.messages.map { message in
        if case .text(let text) = message {
          require(String(validating: text, as: UTF8.self) != nil, "a text that isn't UTF-8")
        }
        return message.bytes
      }
      conversation.reply += outcome.reply
      conversation.controlFrames += outcome.controlFrames
      conversation.isClosed = outcome.isClosed
      conversation.hasFailed = outcome.hasFailed
      if reader.isDone { break }
    }
    return conversation
  }
}
