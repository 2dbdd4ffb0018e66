import Domain

/// Whom a request comes from.
struct Client: Sendable {
  /// The network address; nil on a Unix socket.
  let address: String?
  /// Whether it came through TLS.
  let isSecure: Bool
}

/// Proxies in front of this server, whose word on their clients is taken.
struct TrustedProxies: Sendable {
  private var networks: [Network] = []
  /// Whether who connects to a Unix socket is one.
  private var includesUnixSockets = false

  init() {}

  /// - Parameter text: networks and the word `unix`, with commas.
  /// - Throws: the part that is neither.
  init(_ text: String) throws(MalformedSetting) {
    for part in text.split(separator: ",").map({ String($0).trimmed }) where !part.isEmpty {
      if part == "unix" {
        includesUnixSockets = true
      } else if let network = Network(part) {
        networks.append(network)
      } else {
        throw MalformedSetting(part: part)
      }
    }
  }

  /// The client is the last hop that X-Forwarded-For names outside the trusted ones: what stands
  /// before it, anybody could have written.
  func client(peer: String?, _ head: Head) -> Client {
    guard includesUnixSockets || !networks.isEmpty, trusts(peer) else {
      return Client(address: peer, isSecure: false)
    }
    let proto = head.forwardedProto?.split(separator: ",").last.map { String($0).trimmed }
    let isSecure = proto?.lowercased() == "https"
    var address = peer
    for hop in (head.forwardedFor ?? "").split(separator: ",").reversed() {
      // A hop that isn't an address tells nothing, and neither does anything before it.
      guard let parsed = NetworkAddress(Self.withoutPort(String(hop).trimmed)) else { break }
      address = parsed.description
      guard trusts(address) else { break }
    }
    return Client(address: address, isSecure: isSecure)
  }

  private func trusts(_ address: String?) -> Bool {
    guard let address else { return includesUnixSockets }
    guard let parsed = NetworkAddress(address) else { return false }
    return networks.contains { $0.contains(parsed) }
  }

  /// Some proxies write `[2001:db8::1]:1234` or `192.0.2.1:1234`.
  private static func withoutPort(_ hop: String) -> String {
    if hop.hasPrefix("["), let end = hop.firstIndex(of: "]") {
      return String(hop[hop.index(after: hop.startIndex)..<end])
    }
    guard hop.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1,
      let colon = hop.firstIndex(of: ":")
    else { return hop }
    return String(hop[..<colon])
  }
}
