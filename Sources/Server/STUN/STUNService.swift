import EventLoop
import STUN

/// The STUN server on one loop.
///
/// `@unchecked Sendable`: made before its loop runs and then touched only there, but for the
/// counters.
final class STUNService: @unchecked Sendable {
  private let desk: STUNDesk
  private var ports: [STUNPort] = []
  private var streams: [STUNStreams] = []
  private let alternates: Int

  var counters: STUNCounters { desk.counters }
  /// Requests a second from one address. On the loop's thread.
  var rate: Int {
    get { desk.rate }
    set { desk.rate = newValue }
  }

  /// - Parameters:
  ///   - number: which of the loops this is, of those that the sockets were opened for.
  ///   - seed: random.
  init(loop: Loop, _ sockets: STUNSockets, number: Int, rate: Int, seed: UInt64) {
    desk = STUNDesk(loop: loop, rate: rate, seed: seed)
    alternates = sockets.alternates
    for places in sockets.addresses {
      let place = places[number]
      if let datagrams = place.datagrams,
        let port = STUNPort(desk, datagrams, place.channel(true))
      {
        ports.append(port)
      }
      if let listening = place.listening {
        streams.append(STUNStreams(desk, listening, place.channel(false)))
      }
    }
  }

  /// On the loop's thread.
  func start() {
    let siblings = Array(ports.prefix(alternates))
    for port in siblings { port.start(siblings: siblings) }
    for port in ports.dropFirst(alternates) { port.start(siblings: []) }
    for stream in streams { stream.start() }
  }

  /// On the loop's thread.
  func stop() {
    for port in ports { port.stop() }
    for stream in streams { stream.stop() }
  }
}
