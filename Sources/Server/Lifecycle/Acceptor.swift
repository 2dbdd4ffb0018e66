import EventLoop
import Glibc

/// Accepts connections on one loop and deals them out to the engines in turn, within the limits on
/// how many there may be.
///
/// `@unchecked Sendable`: touched only on its loop's thread; an engine reports a closed connection
/// through that loop.
final class Acceptor: @unchecked Sendable {
  private let loop: Loop
  private var settings: ServerSettings
  private var engines: [Engine] = []
  private var listening: [ListenSocket] = []
  private var accepting: [AcceptLoop] = []
  private var next = 0
  private var total = 0
  /// Connections beyond the limits.
  private(set) var refused: UInt64 = 0
  private var perAddress: [String: Int] = [:]

  /// Connections accepted in one turn.
  private static let burst = 64

  init(loop: Loop, _ settings: ServerSettings) {
    self.loop = loop
    self.settings = settings
  }

  /// Goes by other settings from the next connection on.
  func adopt(_ settings: ServerSettings) { self.settings = settings }

  /// Whether what comes by TCP speaks TLS.
  private var speaksTLS: Bool { settings.certificate != nil }

  func start(_ sockets: [ListenSocket], engines: [Engine]) {
    loop.preconditionOnLoop()
    self.engines = engines
    listening = sockets
    accepting = sockets.map { socket in
      AcceptLoop(loop, socket.descriptor, burst: Self.burst) { [self] in
        take($0, SocketAddress($1, $2), isLocal: socket.isLocal)
      }
    }
  }

  /// Stops accepting and closes the listening sockets.
  func stop() {
    loop.preconditionOnLoop()
    for acceptLoop in accepting { acceptLoop.stop() }
    accepting = []
    for socket in listening { socket.close() }
    listening = []
  }

  private func take(_ descriptor: CInt, _ address: SocketAddress, isLocal: Bool) {
    guard admit(address) else {
      refused += 1
      close(descriptor)
      return
    }
    engines[next].adopt(descriptor, address, isSecure: speaksTLS && !isLocal)
    next = (next + 1) % engines.count
  }

  private func admit(_ address: SocketAddress) -> Bool {
    guard total < settings.limits.connections else { return false }
    // Many people come from one address of a proxy's.
    if let host = address.host, !address.isLocal, !settings.proxies.include(host) {
      guard perAddress[host, default: 0] < settings.limits.connectionsPerAddress else {
        return false
      }
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
