import CWslay
import Domain

/// A message as a client sent it, put together from its fragments.
enum SocketMessage: Sendable {
  case text([UInt8])
  case binary([UInt8])

  var bytes: [UInt8] {
    switch self {
    case .text(let bytes), .binary(let bytes): bytes
    }
  }
}

/// Reads a client's frames by wslay, which judges them (RFC 6455, sections 5 to 8), answers pings
/// and closing, and says what is wrong in a close frame of its own.
///
/// It is made when bytes come and let go when a message is complete: an idle socket has none.
final class FrameReader {
  /// What became of bytes.
  struct Outcome {
    var messages: [SocketMessage] = []
    /// Frames that say something about the connection only.
    var controlFrames = 0
    /// Frames to send in answer.
    var reply: [UInt8] = []
    /// The client says goodbye.
    var isClosed = false
    /// It can't go on: a reply says why.
    var hasFailed = false
  }

  private var context: wslay_event_context_ptr?
  private let limit: Int
  /// What is still to be read; valid during `read` only.
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var outcome = Outcome()
  private var message: [UInt8] = []
  private var isInMessage = false
  private var isText = false
  /// Whether the frame under way is one of a message's.
  private var isDataFrame = false
  private var isGoodbye = false
  /// What the client's close frame holds.
  private var goodbye: [UInt8] = []
  private var boundaries = FrameBoundaries()
  /// The beginning of a header or of a close frame, which is read when all of it is there.
  private var held: [UInt8] = []

  /// - Parameter limit: bytes of a message.
  init?(limit: Int) {
    self.limit = limit
    var callbacks = wslay_event_callbacks()
    callbacks.recv_callback = readerReceive
    callbacks.send_callback = readerSend
    callbacks.on_frame_recv_start_callback = readerFrameStart
    callbacks.on_frame_recv_chunk_callback = readerFrameChunk
    callbacks.on_msg_recv_callback = readerMessage
    let own = Unmanaged.passUnretained(self).toOpaque()
    guard wslay_event_context_server_init(&context, &callbacks, own) == 0 else { return nil }
    wslay_event_config_set_no_buffering(context, 1)
    wslay_event_config_set_max_recv_msg_length(context, UInt64(limit))
  }

  deinit { wslay_event_context_free(context) }

  /// Whether nothing of a message or frame is held, so that another reader could go on.
  var isAtBoundary: Bool { boundaries.isAtBoundary && held.isEmpty && !isInMessage }

  /// Whether nothing more is to be read: the client has said goodbye, or can't be understood.
  var isDone: Bool { wslay_event_get_read_enabled(context) == 0 }

  /// Reads all of `bytes`.
  func read(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    guard !held.isEmpty else { return readOn(bytes) }
    let all = held + bytes
    return all.withUnsafeBytes { readOn($0) }
  }

  private func readOn(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    let readable = boundaries.pass(bytes)
    held = Array(bytes[readable...])
    input = UnsafeRawBufferPointer(rebasing: bytes[..<readable])
    let status = wslay_event_recv(context)
    input = UnsafeRawBufferPointer(start: nil, count: 0)
    wslay_event_send(context)
    defer { outcome = Outcome() }
    outcome.isClosed = wslay_event_get_close_received(context) != 0
    outcome.hasFailed =
      status != 0 || (!outcome.isClosed && wslay_event_get_read_enabled(context) == 0)
    if isDone { correctGoodbye() }
    return outcome
  }

  /// Codes that were registered after wslay's list of them was written.
  private static let newerCodes = 1012...1014

  /// Says what wslay leaves unsaid: why a frame couldn't be read; and takes codes that it doesn't
  /// know.
  private func correctGoodbye() {
    let sent = wslay_event_get_status_code_sent(context)
    let isEmpty = sent == UInt16(WSLAY_CODE_NO_STATUS_RCVD.rawValue)
    if isEmpty, outcome.hasFailed || goodbye.count == 1 {
      outcome.reply.removeLast(min(2, outcome.reply.count))
      outcome.reply += Self.goodbye([0x03, 0xEA])
    } else if goodbye.count >= 2,
      outcome.reply.suffix(4).elementsEqual(Self.goodbye([0x03, 0xEA])),
      Self.newerCodes.contains(Int(goodbye[0]) << 8 | Int(goodbye[1])),
      String(validating: goodbye[2...], as: UTF8.self) != nil
    {
      outcome.reply.removeLast(4)
      outcome.reply += Self.goodbye(goodbye)
      (outcome.isClosed, outcome.hasFailed) = (true, false)
    }
  }

  private static func goodbye(_ payload: [UInt8]) -> [UInt8] {
    [0x80 | HAVOC_WSLAY_CLOSE, UInt8(payload.count)] + payload
  }

  /// A close frame of this side's.
  func close(_ code: UInt16, _ reason: String) -> [UInt8] {
    let text = Array(reason.utf8.prefix(123))
    wslay_event_queue_close(context, code, text, text.count)
    wslay_event_send(context)
    defer { outcome = Outcome() }
    return outcome.reply
  }

  // MARK: wslay's questions

  fileprivate func take(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    let taken = min(count, input.count)
    UnsafeMutableRawBufferPointer(start: buffer, count: taken)
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<taken]))
    input = UnsafeRawBufferPointer(rebasing: input[taken...])
    return taken
  }

  fileprivate func reply(_ data: UnsafePointer<UInt8>, _ count: Int) {
    outcome.reply.append(contentsOf: UnsafeBufferPointer(start: data, count: count))
  }

  fileprivate func beginFrame(_ frame: wslay_event_on_frame_recv_start_arg) {
    isDataFrame = frame.opcode & 0x8 == 0
    isGoodbye = frame.opcode == HAVOC_WSLAY_CLOSE
    guard isDataFrame else { return }
    if frame.opcode != 0 {
      isText = frame.opcode == HAVOC_WSLAY_TEXT
      isInMessage = true
    }
  }

  fileprivate func append(_ data: UnsafePointer<UInt8>?, _ count: Int) {
    if isGoodbye { goodbye.append(contentsOf: UnsafeBufferPointer(start: data, count: count)) }
    guard isDataFrame else { return }
    message.append(contentsOf: UnsafeBufferPointer(start: data, count: count))
    // The library knows the length of a frame only.
    guard message.count > limit else { return }
    message = []
    wslay_event_shutdown_read(context)
    wslay_event_queue_close(context, 1009, nil, 0)
  }

  fileprivate func endMessage(_ opcode: UInt8) {
    guard opcode & 0x8 == 0 else {
      outcome.controlFrames += 1
      return
    }
    guard wslay_event_get_read_enabled(context) != 0 else { return }
    outcome.messages.append(isText ? .text(message) : .binary(message))
    message = []
    isInMessage = false
  }
}

private func reader(_ context: UnsafeMutableRawPointer?) -> FrameReader {
  guard let context else { preconditionFailure("wslay lost its context") }
  return Unmanaged<FrameReader>.fromOpaque(context).takeUnretainedValue()
}

private func readerReceive(
  _ context: wslay_event_context_ptr?, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int,
  _ flags: CInt, _ own: UnsafeMutableRawPointer?
) -> Int {
  guard let buffer else { return -1 }
  let taken = reader(own).take(buffer, count)
  if taken > 0 { return taken }
  wslay_event_set_error(context, HAVOC_WSLAY_WOULDBLOCK)
  return -1
}

private func readerSend(
  _ context: wslay_event_context_ptr?, _ data: UnsafePointer<UInt8>?, _ count: Int,
  _ flags: CInt, _ own: UnsafeMutableRawPointer?
) -> Int {
  if let data { reader(own).reply(data, count) }
  return count
}

private func readerFrameStart(
  _ context: wslay_event_context_ptr?,
  _ frame: UnsafePointer<wslay_event_on_frame_recv_start_arg>?, _ own: UnsafeMutableRawPointer?
) {
  if let frame { reader(own).beginFrame(frame.pointee) }
}

private func readerFrameChunk(
  _ context: wslay_event_context_ptr?,
  _ chunk: UnsafePointer<wslay_event_on_frame_recv_chunk_arg>?, _ own: UnsafeMutableRawPointer?
) {
  if let chunk { reader(own).append(chunk.pointee.data, chunk.pointee.data_length) }
}

private func readerMessage(
  _ context: wslay_event_context_ptr?, _ message: UnsafePointer<wslay_event_on_msg_recv_arg>?,
  _ own: UnsafeMutableRawPointer?
) {
  if let message { reader(own).endMessage(message.pointee.opcode) }
}
