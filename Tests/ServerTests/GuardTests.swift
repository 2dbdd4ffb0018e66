import Testing

@testable import Server

@Suite struct GuardTests {
  private func status(
    _ method: String, _ target: String, _ version: String, _ headers: [(String, String)]
  ) -> Int? {
    var limits = HTTPLimits()
    limits.body = 100
    do {
      try Guard.check(
        method: method, target: target, version: version, head: head(headers), limits: limits,
        maxBody: limits.body)
      return nil
    } catch {
      return error.status
    }
  }

  /// Heads, a header a line, and the status that each is refused with.
  private static let refusedHeads: [(head: String, status: Int)] = [
    ("Host: a\nContent-Length: 5\nContent-Length: 5", 400),
    ("Host: a\nContent-Length: 5\nTransfer-Encoding: chunked", 400),
    ("Host: a\nContent-Length : 5", 400),
    ("Host: a\nHost: a", 400),
    ("X: a", 400),
    ("Host: a/b", 400),
    ("Host: a\nTransfer-Encoding: gzip", 501),
    ("Host: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked", 501),
    ("Host: a\nContent-Length: +5", 400),
    ("Host: a\nContent-Length: ", 400),
    ("Host: a\nContent-Length: 101", 413),
    ("Host: a\nX: b\u{1}", 400),
    ("Host: a\nContent-Length: 5, 5", 400),
    ("Host: a\nContent-Length: -1", 400),
    ("Host: a\nContent-Length: 0x5", 400),
    ("Host: a\nContent-Length: 5 ", 400),
    ("Host: a\nContent-Length: ٥", 400),
    ("Host: a\nContent-Length: 99999999999999999999", 413),
    ("Host: a\nTransfer-Encoding: chunked\nContent-Length: 5", 400),
    ("Host: a\nTransfer-Encoding : chunked", 400),
    ("Host: a\nTransfer-Encoding: chunked, chunked", 501),
    ("Host: a\nTransfer-Encoding: identity", 501),
    ("Host: a\nTransfer-Encoding: chunked, identity", 501),
    ("Host: a\nTransfer-Encoding: ", 501),
    ("Host: a\nTransfer-Encoding: xchunked", 501),
    ("Host: a\nTransfer-Encoding: chunked\u{b}", 400),
    ("Host: a\nTransfer_Encoding: x\n: y", 400),
    ("Host: a b", 400), ("Host: a@b", 400), ("Host: a?b", 400), ("Host: ä", 400),
    ("Host: a\nX Y: b", 400), ("Host: a\nX(: b", 400), ("Host: a\nX: b\u{7f}", 400),
    ("Host: a\nX: b\rHost: c", 400),
  ]

  @Test(arguments: refusedHeads)
  func refusesWhatAProxyCouldReadDifferently(head: String, expected: Int) {
    let headers = head.split(separator: "\n").map { line in
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      return (String(line[..<colon]), String(line[colon...].dropFirst(2)))
    }
    #expect(status("POST", "/", "HTTP/1.1", headers) == expected)
  }

  @Test(arguments: [
    ("TRACE", "/", 405), ("CONNECT", "a:1", 405), ("GET", "http://a/", 400), ("GET", "*", 400),
    ("GET", "/a%00", 400), ("GET", "", 400), ("OPTIONS", "*", 400), ("GET", "a", 400),
    ("GET", "/a b", 400), ("GET", "/a\tb", 400), ("GET", "/a\u{7f}", 400), ("GET", "/a%", 400),
    ("GET", "/?q=%00", 400), ("GET", "/%2", 400), ("GET", "/%+1", 400), ("GET", "https://a", 400),
    ("trace", "a", 400), ("GET", "/a%0", 400), ("GET", "/a%zz", 400), ("GET", "/ä", 400),
  ])
  func refusesTargets(method: String, target: String, expected: Int) {
    #expect(status(method, target, "HTTP/1.1", [("Host", "a")]) == expected)
  }

  @Test func refusesAHeadThatIsTooLarge() {
    let long = String(repeating: "a", count: HTTPLimits().head)
    #expect(status("GET", "/", "HTTP/1.1", [("Host", "a"), ("X", long)]) == 431)
    #expect(status("GET", "/\(long)", "HTTP/1.1", [("Host", "a")]) == 431)
  }

  @Test func letsPlainRequestsThrough() {
    let sized = [("host", "[::1]:80"), ("Content-Length", "100")]
    let chunked = [("Host", "a"), ("transfer-encoding", "Chunked")]
    #expect(status("GET", "/a%20b?c=%C3%A4", "HTTP/1.1", [("Host", "a:80")]) == nil)
    #expect(status("POST", "/", "HTTP/1.1", sized) == nil)
    #expect(status("POST", "/", "HTTP/1.1", chunked) == nil)
    #expect(status("GET", "/", "HTTP/1.0", []) == nil)
  }

  @Test(arguments: [("HTTP/1.1", nil), ("HTTP/1.0", nil), ("HTTP/0.9", 505), ("HTTP/2.0", 505)])
  func versions(version: String, expected: Int?) {
    #expect(status("GET", "/", version, [("Host", "a")]) == expected)
  }

  /// An old proxy knows no chunks and reads such a body as the next request.
  @Test func chunksNeedANewVersion() {
    let chunked = [("Host", "a"), ("Transfer-Encoding", "chunked")]
    #expect(status("POST", "/", "HTTP/1.0", chunked) == 501)
    #expect(status("GET", "/", "HTTP/1.1", []) == 400)
  }
}

@Suite struct HeadTests {
  @Test func whatIsReadIsKeptWhateverItsCase() {
    let head = head([
      ("AUTHORIZATION", "Bearer x"), ("content-type", "a/b"), ("Cookie", "c=d"),
      ("User-Agent", "u"), ("If-None-Match", "*"), ("Bearer", "Token y"), ("X-CSRFToken", "t"),
      ("Origin", "o"), ("Referer", "r"), ("X-Other", "z"), ("Hosu", "no"),
    ])
    #expect(head.authorization == "Bearer x" && head.contentType == "a/b" && head.cookie == "c=d")
    #expect(head.userAgent == "u" && head.ifNoneMatch == "*" && head.bearer == "Token y")
    #expect(head.csrfToken == "t" && head.origin == "o" && head.referer == "r")
    #expect(head.fault == nil && head.host == nil && head.hostCount == 0)
  }

  @Test func linesOfOneListAreJoined() {
    let head = head([("X-Forwarded-For", "1.2.3.4, 5.6.7.8"), ("x-forwarded-for", "9.9.9.9")])
    #expect(head.forwardedFor == "1.2.3.4, 5.6.7.8,9.9.9.9")
  }

  @Test func everyHeaderCountsTowardsTheSize() {
    #expect(head([("Abc", "defg"), ("X", "")]).size == 3 + 4 + 4 + 1 + 4)
  }
}
