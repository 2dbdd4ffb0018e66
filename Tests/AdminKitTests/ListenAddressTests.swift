import Testing

@testable import AdminKit

@Suite struct ListenAddressTests {
  @Test(
    arguments: [
      ("127.0.0.1:8000", .tcp(host: "127.0.0.1", port: 8_000), "127.0.0.1:8000"),
      ("[::1]:80", .tcp(host: "::1", port: 80), "[::1]:80"),
      (":8000", .tcp(host: "::", port: 8_000), "[::]:8000"),
      ("localhost:0", .tcp(host: "localhost", port: 0), "localhost:0"),
      ("unix:/run/x.sock", .unix(path: "/run/x.sock"), "unix:/run/x.sock"),
    ] as [(String, ListenAddress, String)])
  func isReadAndWritten(text: String, expected: ListenAddress, written: String) {
    #expect(ListenAddress(text) == expected)
    #expect(expected.description == written)
  }

  @Test(arguments: [
    "", "8000", "localhost", "localhost:", "localhost:http", "a:65536", "a:-1", "::1:80", "[::1]",
    "[::1:80", "unix:", "unix:relative", "a:80:90", "a:8 0",
  ])
  func isRefused(text: String) {
    #expect(ListenAddress(text) == nil)
  }

  @Test func aSocketsPathHasALimit() {
    let path = "/" + String(repeating: "x", count: 106)
    #expect(ListenAddress("unix:" + path) == .unix(path: path))
    #expect(ListenAddress("unix:" + path + "x") == nil)
  }
}
