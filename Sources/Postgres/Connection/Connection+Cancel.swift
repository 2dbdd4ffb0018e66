import CPQ
import EventLoop
import Glibc

extension Connection {
  /// Asks the server to cancel the statement under way, if any. Its caller gets the server's
  /// `query_canceled`.
  func cancelRunning() {
    guard mode != .connecting, mode != .closed, let request = CancelRequest(pointer) else { return }
    // PQcancel opens a connection and waits for it.
    guard let thread = try? startThread(name: "pg-cancel", { request.send() }) else { return }
    // Nobody waits for it, and a thread that nobody waits for keeps its stack.
    pthread_detach(thread)
  }
}

/// A key with which to cancel a connection's statement from any thread.
///
/// `@unchecked Sendable`: a `PGcancel` is a copy that shares nothing with its connection and is
/// used by one thread at a time (libpq, "Canceling Queries in Progress").
private final class CancelRequest: @unchecked Sendable {
  private let pointer: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let pointer = PQgetCancel(connection) else { return nil }
    self.pointer = pointer
  }

  deinit { PQfreeCancel(pointer) }

  func send() {
    var message = [CChar](repeating: 0, count: 256)
    _ = PQcancel(pointer, &message, 256)
  }
}
