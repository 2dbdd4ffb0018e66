import Testing

@testable import Server

@Suite struct GuardTests {
  private func head(_ headers: [(String, String)]) -> Head {
    var head = Head()
    for (name, value) in headers {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { head.add(name, $0) }
      }
    }
    return head
  }

  private func status(
    _ method: String, _ target: String, _ version: String, _ headers: [(String, String)]
  ) -> Int? {
    var limits = HTTPLimits()
    limits.body = 100
    do {
      try Guard.check(
        method: method, target: target, version: version, head: head(headers), limits: limits)
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
    ("GET", "/a%00", 400), ("GET", "/a%0", 400), ("GET", "/a%zz", 400), ("GET", "/ä", 400),
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
}
