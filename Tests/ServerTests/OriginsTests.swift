import Testing

@testable import Server

@Suite struct OriginsTests {
  @Test(arguments: [
    ("http://api.example.org", false, true), ("https://api.example.org", false, false),
    ("https://api.example.org", true, true), ("http://API.example.org", false, true),
    ("http://evil.example.org", false, false), ("null", false, false), ("", false, false),
    ("https://app.example.org", false, true), ("https://app.example.org:8443", false, false),
    ("http://api.example.org.evil.test", false, false),
  ])
  func trust(origin: String, isSecure: Bool, expected: Bool) throws {
    let origins = try Origins("https://app.example.org, https://other.example.org")
    let request = request(headers: [("Host", "api.example.org")], isSecure: isSecure)
    #expect(origins.trust(origin, request) == expected)
  }

  @Test func headersForAnAllowedOriginOnly() throws {
    let origins = try Origins("https://app.example.org")
    func names(_ origin: String?) -> [String] {
      origins.headers(for: request(headers: origin.map { [("Origin", $0)] } ?? [])).map(\.name)
    }
    #expect(names("https://app.example.org").contains("Access-Control-Allow-Origin"))
    #expect(names("https://evil.example.org") == ["Vary"])
    #expect(names(nil).isEmpty)
    #expect(Origins().headers(for: request(headers: [("Origin", "https://a")])).isEmpty)
  }

  @Test(arguments: ["*", "app.example.org", "https://app.example.org/", "ftp://x"])
  func malformed(text: String) {
    #expect(throws: MalformedSetting.self) { try Origins(text) }
  }

  @Test(arguments: [
    ("sessionid=abc", "sessionid", "abc"), ("a=b; sessionid=abc", "sessionid", "abc"),
    ("sessionid=\"abc\"", "sessionid", "abc"), ("sessionid=a=b", "sessionid", "a=b"),
    ("sessionid=first; sessionid=second", "sessionid", "first"),
  ])
  func cookies(header: String, name: String, expected: String) {
    #expect(head([("Cookie", header)]).cookie(name) == expected)
  }

  @Test(arguments: ["", "sessionid", "sessionid=", "xsessionid=abc", "sessionidx=abc"])
  func noCookie(header: String) {
    #expect(head([("Cookie", header)]).cookie("sessionid") == nil)
  }
}
