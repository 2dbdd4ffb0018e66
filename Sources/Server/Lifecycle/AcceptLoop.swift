import CLinux
import EventLoop
import Glibc

/// Accepts what comes on one listening socket, some of it a turn.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class AcceptLoop: @unchecked Sendable {
  /// Takes an accepted descriptor over, or closes it.
  typealias Take = (_ descriptor: CInt, _ storage: sockaddr_storage, _ length: socklen_t) -> Void

  private let loop: Loop
  private let listening: CInt
  private let burst: Int
  private let take: Take
  private var watch: Watch?

  /// How long to wait when there are no descriptors left.
  private static let pause = Duration.milliseconds(100)

  /// - Parameters:
  ///   - listening: stays its owner's.
  ///   - burst: connections accepted in one turn, so that a flood of them leaves time for those that
  ///     are open.
  init(_ loop: Loop, _ listening: CInt, burst: Int, take: @escaping Take) {
    self.loop = loop
    self.listening = listening
    self.burst = burst
    self.take = take
    watch = loop.watch(listening, for: .read) { [unowned self] _ in accept() }
  }

  func stop() {
    if let watch { loop.cancel(watch) }
    watch = nil
  }

  private func accept() {
    for _ in 0..<burst {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          accept4(listening, $0, &length, HAVOC_SOCK_FLAGS)
        }
      }
      guard descriptor >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        if errno != EAGAIN { pauseAccepting() }
        return
      }
      take(descriptor, storage, length)
    }
  }

  /// Out of descriptors: the socket stays ready, and asking again at once would only burn the
  /// processor.
  private func pauseAccepting() {
    guard let watch else { return }
    loop.update(watch, for: [])
    loop.schedule(after: Self.pause) { [weak self] in
      guard let self, let watch = self.watch else { return }
      loop.update(watch, for: .read)
    }
  }
}
