import Testing

@testable import Server

@Suite struct TrustedProxiesTests {
  private func client(
    _ trusted: String, peer: String?, _ forwarded: String?, proto: String? = nil,
    isSecure: Bool = false
  ) throws -> Client {
    var headers: [(String, String)] = []
    if let forwarded { headers.append(("X-Forwarded-For", forwarded)) }
    if let proto { headers.append(("X-Forwarded-Proto", proto)) }
    return try TrustedProxies(ClientNetworks(trusted)).client(
      Client(address: peer, isSecure: isSecure), head(headers))
  }

  @Test(arguments: [
    ("", "10.0.0.1", "192.0.2.1", "10.0.0.1"),
    ("10.0.0.0/8", "10.0.0.1", "192.0.2.1", "192.0.2.1"),
    ("10.0.0.0/8", "10.0.0.1", "198.51.100.7, 192.0.2.1", "192.0.2.1"),
    ("10.0.0.0/8", "10.0.0.1", "198.51.100.7, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
    ("10.0.0.0/8", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ("10.0.0.0/8", "10.0.0.1", "192.0.2.1, nonsense", "10.0.0.1"),
    ("10.0.0.0/8", "10.0.0.1", "192.0.2.1:443", "192.0.2.1"),
    ("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
    ("10.0.0.0/8", "192.0.2.9", "192.0.2.1", "192.0.2.9"),
    ("unix", "10.0.0.1", "192.0.2.1", "10.0.0.1"),
    ("::1", "::1", "192.0.2.1", "192.0.2.1"),
  ])
  func theLastHopOutsideTheTrustedOnes(
    trusted: String, peer: String, forwarded: String, expected: String
  ) throws {
    #expect(try client(trusted, peer: peer, forwarded).address == expected)
  }

  @Test(arguments: [
    ("", "10.0.0.1", false), ("10.0.0.0/8", "10.0.0.1", true), ("10.0.0.0/8", "192.0.2.1", false),
    ("unix", "10.0.0.1", false),
  ])
  func whoIsOneOfThem(trusted: String, peer: String, expected: Bool) throws {
    #expect(try TrustedProxies(ClientNetworks(trusted)).include(peer) == expected)
  }

  @Test func aUnixSocketIsTrustedWhereItIsSaid() throws {
    #expect(try client("unix", peer: nil, "192.0.2.1").address == "192.0.2.1")
    #expect(try client("", peer: nil, "192.0.2.1").address == nil)
    #expect(try client("unix", peer: nil, nil).address == nil)
  }

  @Test func onlyATrustedProxySaysThatItIsSecure() throws {
    #expect(try client("10.0.0.0/8", peer: "10.0.0.1", nil, proto: "https").isSecure)
    #expect(try client("10.0.0.0/8", peer: "10.0.0.1", nil, proto: "http").isSecure == false)
    #expect(try client("10.0.0.0/8", peer: "192.0.2.1", nil, proto: "https").isSecure == false)
  }

  @Test func aConnectionInTLSIsSecureUnlessTheProxySaysOtherwise() throws {
    #expect(try client("", peer: "192.0.2.9", nil, isSecure: true).isSecure)
    #expect(try client("", peer: "192.0.2.9", nil, proto: "http", isSecure: true).isSecure)
    #expect(try client("10.0.0.0/8", peer: "10.0.0.1", nil, isSecure: true).isSecure)
    #expect(
      try client("10.0.0.0/8", peer: "10.0.0.1", nil, proto: "http", isSecure: true).isSecure
        == false)
  }

  @Test(arguments: ["x", "10.0.0.0/33", "10.0.0.1,y"])
  func malformed(text: String) {
    #expect(throws: MalformedSetting.self) { try ClientNetworks(text) }
  }
}
