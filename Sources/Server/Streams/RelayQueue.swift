import Domain
import EventLoop
import Postgres

/// Frames of one loop's on their way to other servers, one after another.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class RelayQueue: @unchecked Sendable {
  private let loop: Loop
  private let relay: StreamRelay
  private var waiting: [(stream: UUID, frame: StreamRelay.Frame)] = []
  private var bytes = 0
  private var isSending = false
  private var lastForgotten: UInt64 = 0
  /// Called where a frame was dropped because too much waits.
  var onDropped: (UUID) -> Void = { _ in }

  /// Bytes that wait at the most.
  private static let most = 8 * 1_048_576
  private static let forgetInterval = Duration.seconds(1)

  init(loop: Loop, relay: StreamRelay) {
    self.loop = loop
    self.relay = relay
  }

  func send(_ message: SocketMessage, _ stream: UUID, toPublisher: Bool) {
    var isText = true
    if case .binary = message { isText = false }
    waiting.append(
      (
        stream,
        StreamRelay.Frame(toPublisher: toPublisher, isText: isText, body: message.bytes)
      ))
    bytes += message.bytes.count
    while bytes > Self.most, waiting.count > 1 {
      let dropped = waiting.removeFirst()
      bytes -= dropped.frame.body.count
      onDropped(dropped.stream)
    }
    guard !isSending else { return }
    isSending = true
    Task(executorPreference: loop) { await self.sendAll() }
  }

  private func sendAll() async {
    while !waiting.isEmpty {
      let (stream, frame) = waiting.removeFirst()
      bytes -= frame.body.count
      do {
        try await relay.send(frame, stream)
        if loop.now > lastForgotten + Self.forgetInterval.nanoseconds {
          lastForgotten = loop.now
          try await relay.forget()
        }
      } catch {
        onDropped(stream)
      }
    }
    isSending = false
  }

  /// Nil where the database can't say.
  func isWatchedElsewhere(_ stream: UUID) async -> Bool? {
    try? await relay.isWatchedElsewhere(stream)
  }

  func tellWatchers(of stream: UUID) async { try? await relay.tellWatchers(of: stream) }

  func newest() async throws -> Int64 { try await relay.newest() }
}
