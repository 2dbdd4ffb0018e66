import Testing

@testable import Domain

@Suite struct NetworkTests {
  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("192.0.2.7/32", "192.0.2.7"), ("192.0.2.77/24", "192.0.2.0/24"),
    ("10.255.255.255/9", "10.128.0.0/9"), ("0.0.0.0/0", "0.0.0.0/0"),
    ("2001:DB8::1", "2001:db8::1"), ("2001:db8:1:2:3::/33", "2001:db8::/33"),
    ("::ffff:192.0.2.7", "192.0.2.7"), ("::1", "::1"),
  ])
  func reads(text: String, expected: String) {
    #expect(Network(text)?.description == expected)
  }

  @Test(arguments: [
    "", "x", "192.0.2", "192.0.2.7/", "192.0.2.7/33", "192.0.2.7/-1", "192.0.2.7/+1",
    "192.0.2.7/08x", "::/129", "192.0.2.256", "192.0.2.7/24/8", " 192.0.2.7", "1.2.3.4\0",
  ])
  func refuses(text: String) {
    #expect(Network(text) == nil)
  }

  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
    ("192.0.2.7", "::ffff:192.0.2.7", true), ("0.0.0.0/0", "::1", false),
    ("::/0", "192.0.2.7", false), ("2001:db8::/32", "2001:db8:ffff::9", true),
    ("2001:db8::/32", "2001:db9::", false),
  ])
  func contains(network: String, address: String, expected: Bool) throws {
    let network = try #require(Network(network))
    #expect(network.contains(try #require(NetworkAddress(address))) == expected)
  }

  @Test func aSiteIsAnIPv4AddressOrASlash64() throws {
    #expect(try #require(NetworkAddress("192.0.2.7")).site.description == "192.0.2.7")
    #expect(
      try #require(NetworkAddress("2001:db8:1:2:3:4:5:6")).site.description
        == "2001:db8:1:2::/64")
  }
}
