import AdminKit
import CDatagrams
import CLinux
import EventLoop
import Glibc
import STUN

/// The sockets of a STUN server before they are dealt out to the loops: for each address as many as
/// there are loops, among which the kernel chooses by the client's address.
struct STUNSockets {
  /// What one loop gets of one address.
  struct Place {
    let datagrams: CInt?
    let listening: CInt?
    let channel: (_ isDatagram: Bool) -> BindingResponder.Channel
  }

  /// For people.
  private(set) var names: [String] = []
  /// By address, then by loop.
  private(set) var addresses: [[Place]] = []
  /// How many of the addresses belong together as the four of RFC 5780; they come first.
  private(set) var alternates = 0

  /// - Throws: `ListenFailure`; what was opened before is closed.
  init(_ settings: STUNSettings, loops: Int) throws(ListenFailure) {
    do throws(ListenFailure) {
      try open(settings, loops)
      names = settings.listen.map(\.description)
    } catch {
      for place in addresses.joined() {
        for descriptor in [place.datagrams, place.listening] { descriptor.map { _ = close($0) } }
      }
      throw error.about("stun")
    }
  }

  /// Those that the service manager passed. There is one of each, so each is one loop's.
  init(_ passed: PassedSockets, loops: Int) {
    for descriptor in passed.datagrams {
      let family = SocketAddress(local: descriptor)?.family ?? AF_INET
      _ = havoc_ask_for_address(descriptor, family)
    }
    names = (passed.datagrams + passed.streams).compactMap {
      SocketAddress(local: $0)?.listenAddress?.description
    }
    let places =
      passed.datagrams.map { Place(datagrams: $0, listening: nil, channel: Self.channel) }
      + passed.streams.map { Place(datagrams: nil, listening: $0, channel: Self.channel) }
    let nothing = Place(datagrams: nil, listening: nil, channel: Self.channel)
    addresses = places.enumerated().map { number, place in
      (0..<loops).map { $0 == number % loops ? place : nothing }
    }
  }

  private static func channel(isDatagram: Bool) -> BindingResponder.Channel {
    BindingResponder.Channel(isDatagram: isDatagram)
  }

  private mutating func open(_ settings: STUNSettings, _ loops: Int) throws(ListenFailure) {
    var listen = settings.listen[...]
    if let other = settings.other, let first = listen.popFirst() {
      try openAlternates(first, other, loops)
    }
    for address in listen {
      addresses.append(try places(address, loops, channel: Self.channel))
    }
  }

  private mutating func openAlternates(
    _ first: ListenAddress, _ other: ListenAddress, _ loops: Int
  ) throws(ListenFailure) {
    let resolved = BindingResponder.Alternates(
      primary: try ResolvedAddress(first).transport, other: try ResolvedAddress(other).transport)
    guard case .tcp(let host, let port) = first, case .tcp(let otherHost, let otherPort) = other
    else { return }
    for isOtherHost in [false, true] {
      for isOtherPort in [false, true] {
        let address = ListenAddress.tcp(
          host: isOtherHost ? otherHost : host, port: isOtherPort ? otherPort : port)
        addresses.append(
          try places(address, loops) { isDatagram in
            BindingResponder.Channel(
              alternates: resolved, isOtherHost: isOtherHost, isOtherPort: isOtherPort,
              isDatagram: isDatagram)
          })
      }
    }
    alternates = addresses.count
  }

  private func places(
    _ address: ListenAddress, _ loops: Int,
    channel: @escaping (_ isDatagram: Bool) -> BindingResponder.Channel
  ) throws(ListenFailure) -> [Place] {
    let resolved = try ResolvedAddress(address)
    let datagrams = try sockets(resolved, HAVOC_SOCK_DGRAM, loops)
    let listening: [CInt]
    do {
      listening = try sockets(resolved, HAVOC_SOCK_STREAM, loops)
    } catch {
      for descriptor in datagrams { close(descriptor) }
      throw error
    }
    // Where the kernel can't, it chooses by address and port: each loop counts for itself then.
    if loops > 1 {
      for first in [datagrams[0], listening[0]] {
        _ = havoc_steer_by_address(first, resolved.family, CUnsignedInt(loops))
      }
    }
    return zip(datagrams, listening).map { Place(datagrams: $0, listening: $1, channel: channel) }
  }

  private func sockets(
    _ address: ResolvedAddress, _ type: CInt, _ count: Int
  ) throws(ListenFailure) -> [CInt] {
    // Sockets that share a port don't mind those of another program; one that doesn't share does.
    close(try address.bound(type, isShared: false))
    var sockets: [CInt] = []
    do throws(ListenFailure) {
      for _ in 0..<count { sockets.append(try address.bound(type, isShared: true)) }
    } catch {
      for descriptor in sockets { close(descriptor) }
      throw error
    }
    return sockets
  }
}

extension ResolvedAddress {
  private static let backlog: CInt = 256
  /// Bytes that wait to be read; the kernel allows less by default.
  private static let receiveBuffer: CInt = 4_194_304

  fileprivate var transport: TransportAddress {
    get throws(ListenFailure) {
      guard let address = withUnsafePointer(to: storage, { TransportAddress($0) }) else {
        throw ListenFailure(name, "neither IPv4 nor IPv6")
      }
      return address
    }
  }

  private var isWildcard: Bool {
    get throws(ListenFailure) {
      let address = try transport
      return address.high == 0 && address.low == 0
    }
  }

  /// A socket that is bound here and doesn't block; one of a connection listens.
  fileprivate func bound(_ type: CInt, isShared: Bool) throws(ListenFailure) -> CInt {
    let descriptor = socket(family, type | HAVOC_SOCK_FLAGS, 0)
    guard descriptor >= 0 else { throw ListenFailure(name, SystemError("socket")) }
    let isStream = type == HAVOC_SOCK_STREAM
    if isStream { Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) }
    if isShared { Self.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
    if family == AF_INET6 { Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    if !isStream {
      Self.set(descriptor, SOL_SOCKET, SO_RCVBUF, Self.receiveBuffer)
      if try isWildcard { _ = havoc_ask_for_address(descriptor, family) }
    }
    guard bind(descriptor) == 0, !isStream || listen(descriptor, Self.backlog) == 0 else {
      let error = SystemError("bind")
      close(descriptor)
      throw ListenFailure(name, error)
    }
    return descriptor
  }

  private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }
}
