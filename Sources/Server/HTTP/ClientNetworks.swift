import Domain

/// Networks that clients come from, and Unix sockets beside them.
struct ClientNetworks: Sendable {
  private var networks: [Network] = []
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

  var isEmpty: Bool { networks.isEmpty && !includesUnixSockets }

  /// Whether someone from there may come in: anybody, where no networks are named.
  func admits(_ address: String?) -> Bool { isEmpty || contain(address) }

  /// - Parameter address: nil on a Unix socket.
  func contain(_ address: String?) -> Bool {
    guard let address else { return includesUnixSockets }
    guard let parsed = NetworkAddress(address) else { return false }
    return networks.contains { $0.contains(parsed) }
  }
}
