import CLinux
import EventLoop
import Glibc

/// Accepts connections on one loop and deals them out to the engines in turn, within the limits on
/// how many there may be.
///
/// `@unchecked Sendable`: touched only on its loop's thread; an engine reports a closed connection
/// through that loop.
final class Acceptor: @unchecked Sendable {
  private let loop: Loop
  private let limits: HTTPLimits
  private var engines: [Engine] = []
  private var watches: [Watch] = []
  private var next = 0
  private var total = 0
  private var perAddress: [String: Int] = [:]
  private var isPaused = false

  /// Connections accepted in one turn, so that a flood of them leaves time for those that are open.
  private static let burst = 64
  /// How long to wait when there are no descriptors left.
  private static let pause = Duration.milliseconds(100)

  init(loop: Loop, limits: HTTPLimits) {
    self.loop = loop
    self.limits = limits
  }

  func start(_ descriptors: [CInt], engines: [Engine]) {
    loop.preconditionOnLoop()
    self.engines = engines
    watches = descriptors.map { descriptor in
      loop.watch(descriptor, for: .read) { [self] _ in accept(descriptor) }
    }
  }

  /// Stops accepting and closes the listening sockets.
  func stop() {
    loop.preconditionOnLoop()
    for watch in watches {
      loop.cancel(watch)
      close(watch.descriptor)
    }
    watches = []
  }

  private func accept(_ listening: CInt) {
    for _ in 0..<Self.burst {
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
      let address = SocketAddress(storage, length)
      guard admit(address) else {
        close(descriptor)
        continue
      }
      engines[next].adopt(descriptor, address)
      next = (next + 1) % engines.count
    }
  }

  private func admit(_ address: SocketAddress) -> Bool {
    guard total < limits.connections else { return false }
    if let host = address.host, !address.isLocal {
      guard perAddress[host, default: 0] < limits.connectionsPerAddress else { return false }
      perAddress[host, default: 0] += 1
    }
    total += 1
    return true
  }

  /// Out of descriptors: the listening socket stays ready, and asking again at once would only
  /// burn the processor.
  private func pauseAccepting() {
    guard !isPaused else { return }
    isPaused = true
    for watch in watches { loop.update(watch, for: []) }
    loop.schedule(after: Self.pause) { [weak self] in
      guard let self else { return }
      isPaused = false
      for watch in watches { loop.update(watch, for: .read) }
    }
  }

  /// Notes that a connection has gone. From any thread.
  func noteClosed(_ address: String?) {
    loop.execute { [self] in
      total -= 1
      guard let address, let count = perAddress[address] else { return }
      perAddress[address] = count > 1 ? count - 1 : nil
    }
  }
}
