import Domain
import Postgres

/// A publisher's socket.
///
/// `@unchecked Sendable`: everything in it is touched only on its socket's loop.
final class StreamPublisher: SocketHandler, @unchecked Sendable {
  let stream: UUID
  let socket: WebSocket
  private let desk: StreamDesk

  init(_ socket: WebSocket, _ stream: UUID, _ desk: StreamDesk) {
    self.socket = socket
    self.stream = stream
    self.desk = desk
  }

  func received(_ message: SocketMessage) { desk.publish(message, stream) }

  func ended() { desk.leave(self) }
}

/// A watcher's socket.
///
/// `@unchecked Sendable`: everything in it is touched only on its socket's loop.
final class StreamWatcher: SocketHandler, @unchecked Sendable {
  let stream: UUID
  let socket: WebSocket
  private let desk: StreamDesk

  init(_ socket: WebSocket, _ stream: UUID, _ desk: StreamDesk) {
    self.socket = socket
    self.stream = stream
    self.desk = desk
  }

  func received(_ message: SocketMessage) {
    guard case .text = message else { return socket.close(1003, "Watchers send text.") }
    desk.answer(message, stream)
  }

  func ended() { desk.leave(self) }
}
