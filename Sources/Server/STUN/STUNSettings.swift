import AdminKit
import STUN

/// What is configured of the STUN server.
struct STUNSettings: Sendable {
  /// Where it listens, on UDP and TCP; empty for nowhere.
  private(set) var listen: [ListenAddress] = []
  /// The second address, with which clients find out about their NAT (RFC 5780).
  private(set) var other: ListenAddress?
  /// Requests a second that one address may make, and twice as many at once; 0 for no limit.
  var rate = 100
  private var isOff = false

  init() {}

  /// - Parameter listen: `HOST:PORT`, several with commas, or `off`.
  /// - Throws: what of it isn't understood.
  init(listen: String) throws(MalformedSetting) {
    isOff = listen == "off"
    guard !isOff else { return }
    for part in listen.split(separator: ",") {
      let text = part.drop { $0 == " " }
      // Without a host both families are meant, each with a socket of its own.
      let hosts = text.hasPrefix(":") ? ["0.0.0.0", "[::]"] : [""]
      for host in hosts {
        // A port of the kernel's choice would be another for each socket.
        guard let address = ListenAddress(host + text), case .tcp(_, let port) = address, port > 0
        else { throw MalformedSetting(part: String(text)) }
        self.listen.append(address)
      }
    }
  }

  /// - Parameter other: `HOST:PORT`, or nothing; it has no meaning for a server that is off.
  /// - Throws: what can't be the second address.
  mutating func alternate(with other: String) throws(MalformedSetting) {
    guard !isOff, !other.isEmpty else { return }
    guard let first = listen.first, let address = ListenAddress(other),
      Self.canAlternate(address, with: first)
    else { throw MalformedSetting(part: other) }
    self.other = address
  }

  /// Whether four addresses can be made of two: of one family, none of them a wildcard, and with
  /// different hosts and ports.
  private static func canAlternate(_ other: ListenAddress, with first: ListenAddress) -> Bool {
    guard case .tcp(let host, let port) = first, case .tcp(let otherHost, let otherPort) = other
    else { return false }
    let isWildcard = [host, otherHost].contains { ["", "::", "0.0.0.0"].contains($0) }
    return !isWildcard && otherPort > 0 && host != otherHost && port != otherPort
      && host.contains(":") == otherHost.contains(":")
  }
}
