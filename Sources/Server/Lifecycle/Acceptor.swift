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
  private var listening: [CInt] = []
  private var accepting: [AcceptLoop] = []
  private var next = 0
  private var total = 0
  private var perAddress: [String: Int] = [:]

  /// Connections accepted in one turn.
  private static let burst = 64

  init(loop: Loop, limits: HTTPLimits) {
    self.loop = loop
    self.limits = limits
  }

  func start(_ descriptors: [CInt], engines: [Engine]) {
    loop.preconditionOnLoop()
    self.engines = engines
    listening = descriptors
    accepting = descriptors.map { descriptor in
      AcceptLoop(loop, descriptor, burst: Self.burst) { [self] in take($0, SocketAddress($1, $2)) }
    }
  }

  /// Stops accepting and closes the listening sockets.
  func stop() {
    loop.preconditionOnLoop()
    for acceptLoop in accepting { acceptLoop.stop() }
    accepting = []
    for descriptor in listening { close(descriptor) }
    listening = []
  }

  private func take(_ descriptor: CInt, _ address: SocketAddress) {
    guard admit(address) else {
      close(descriptor)
      return
    }
    engines[next].adopt(descriptor, address)
    next = (next + 1) % engines.count
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

  /// Notes that a connection has gone. From any thread.
  func noteClosed(_ address: String?) {
    loop.execute { [self] in
      total -= 1
      guard let address, let count = perAddress[address] else { return }
      perAddress[address] = count > 1 ? count - 1 : nil
    }
  }
}
