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
  private let networks: ClientNetworks

  init(_ networks: ClientNetworks = ClientNetworks()) { self.networks = networks }

  /// Whether one of them has this address; nil on a Unix socket.
  func include(_ address: String?) -> Bool { !networks.isEmpty && networks.contain(address) }

  /// The client is the last hop that X-Forwarded-For names outside the trusted ones: what stands
  /// before it, anybody could have written.
  /// - Parameter peer: who has connected.
  func client(_ peer: Client, _ head: Head) -> Client {
    guard include(peer.address) else { return peer }
    let proto = head.forwardedProto?.split(separator: ",").last.map { String($0).trimmed }
    let isSecure = proto.map { $0.lowercased() == "https" } ?? peer.isSecure
    var address = peer.address
    for hop in (head.forwardedFor ?? "").split(separator: ",").reversed() {
      // A hop that isn't an address tells nothing, and neither does anything before it.
      guard let parsed = NetworkAddress(Self.withoutPort(String(hop).trimmed)) else { break }
      address = parsed.description
      guard networks.contain(address) else { break }
    }
    return Client(address: address, isSecure: isSecure)
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
