import EventLoop
import Glibc

/// Closes connections whose client still sends: one that is closed with something unread is reset, and
/// the client, or the proxy in front of it, loses the answer that it hasn't read yet
/// (RFC 9112, section 9.6).
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class Lingering: @unchecked Sendable {
  private let loop: Loop
  private var watches: [CInt: Watch] = [:]

  /// How long a client may go on sending.
  private static let patience = Duration.seconds(2)
  /// Connections at once; others are closed without waiting.
  private static let most = 256

  init(loop: Loop) { self.loop = loop }

  /// Says that nothing more will come, and reads what comes, to forget it, until the client closes.
  /// - Parameter descriptor: this one's from here on.
  func close(_ descriptor: CInt) {
    guard descriptor >= 0 else { return }
    shutdown(descriptor, CInt(SHUT_WR))
    guard watches.count < Self.most else {
      Glibc.close(descriptor)
      return
    }
    let watch = loop.watch(descriptor, for: .read) { [unowned self] _ in discard(descriptor) }
    watches[descriptor] = watch
    loop.schedule(after: Self.patience) { [weak self] in
      // The descriptor may be another's by now.
      if let self, watches[descriptor] === watch { end(descriptor) }
    }
  }

  private func discard(_ descriptor: CInt) {
    let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) {
      recv(descriptor, $0.baseAddress, $0.count, 0)
    }
    if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { end(descriptor) }
  }

  private func end(_ descriptor: CInt) {
    if let watch = watches.removeValue(forKey: descriptor) { loop.cancel(watch) }
    Glibc.close(descriptor)
  }

  func stop() {
    for descriptor in watches.keys { end(descriptor) }
  }
}
