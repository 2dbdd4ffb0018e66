import Domain
import Testing

@testable import Server

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("a%20b", "a b"), ("%C3%A4%c3%a4", "ää"), ("a+b", "a+b"), ("%25", "%"),
    ("a%2Fb", "a/b"),
  ])
  func isDecoded(text: String, expected: String) {
    #expect(PercentEncoding.decode(text[...]) == expected)
  }

  @Test(arguments: ["%", "%2", "a%zz", "%%20", "%00", "a%00b", "%FF", "%C3", "%C0%80", "%ED%A0%80"])
  func isRefused(text: String) {
    #expect(PercentEncoding.decode(text[...]) == nil)
    #expect(PercentEncoding.decodePairs("a=1&b=\(text)") == nil)
    #expect(PercentEncoding.decodePairs("\(text)=1") == nil)
  }

  @Test(arguments: [
    ("a=1&b=2", ["a:1", "b:2"]), ("a", ["a:"]), ("a=", ["a:"]), ("=1", [":1"]), ("", []),
    ("&&a=1&", ["a:1"]), ("a=b=c", ["a:b=c"]), ("a=x+y%2B", ["a:x y+"]),
    ("a=1&a=2", ["a:1", "a:2"]),
    ("%61=%26", ["a:&"]), ("a=1&\u{301}b=2", ["a:1", "\u{301}b:2"]), ("a=\u{301}", ["a:\u{301}"]),
  ])
  func pairs(text: String, expected: [String]) {
    let pairs = PercentEncoding.decodePairs(text[...])
    #expect(pairs?.map { "\($0.name):\($0.value)" } == expected)
  }
}

@Suite struct FormBodyTests {
  private static let multipart =
    "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--"

  private static let bodies: [(type: String?, body: String)] = [
    (nil, #"{"a": "1"}"#), ("application/json", #"{"a": "1"}"#),
    ("Application/JSON; charset=UTF-8", #"{"a": "1"}"#),
    ("application/json; charset=\"utf8\"", #"{"a": "1"}"#),
    ("application/x-www-form-urlencoded", "a=1"),
    ("application/x-www-form-urlencoded;charset=utf-8", "a=%31"),
    ("multipart/form-data; boundary=x", multipart),
    ("multipart/form-data; boundary=\"x\"", multipart),
  ]

  @Test(arguments: bodies)
  func everyWayOfWritingIsTheSame(type: String?, body: String) throws {
    let form = try FormBody(Array(body.utf8), contentType: type)
    #expect(form["a"] == .string("1") && form["b"] == nil)
  }

  private static let refused: [(type: String?, body: String, status: Int)] = [
    (nil, "{", 400), (nil, "[]", 400), (nil, "\"a\"", 400), (nil, #"{"a":1,"a":2}"#, 400),
    (nil, "{} {}", 400), ("text/plain", "a", 415), ("", "a", 415), ("application/jsonx", "{}", 415),
    ("application/json; charset=latin1", "{}", 415),
    ("application/json; charset=utf-16", "{}", 415),
    ("application/x-www-form-urlencoded", "a=1&a=2", 400),
    ("application/x-www-form-urlencoded", "a=%zz", 400),
    ("application/x-www-form-urlencoded", "a=%00", 400), ("multipart/form-data", multipart, 400),
  ]

  @Test(arguments: refused)
  func whatIsNotWhatItSaysIsRefused(type: String?, body: String, status: Int) {
    let error = #expect(throws: BadRequest.self) {
      try FormBody(Array(body.utf8), contentType: type)
    }
    #expect(error?.status == status)
  }

  @Test func invalidUTF8InAForm() {
    #expect(throws: BadRequest.self) {
      try FormBody([0x61, 0x3D, 0xFF], contentType: "application/x-www-form-urlencoded")
    }
  }

  @Test func anEmptyBodyIsNone() throws {
    for type in [nil, "text/plain", "application/json"] {
      #expect(try FormBody([], contentType: type)["a"] == nil)
    }
  }

  /// Where GET takes a body the same names work in the query; the body wins.
  @Test func theQueryJoinsInOnReading() throws {
    for method in [Server.Method.get, .delete, .head] {
      let form = try request(method, "/x?a=1&b=2&session_token=s", body: #"{"b": 3}"#).form()
      #expect(form["a"] == .string("1") && form["b"] == .int(3))
      #expect(form["session_token"] == nil, "a credential in an address is none")
      #expect(throws: BadRequest.self) { try request(method, "/x?a=%zz").form() }
    }
    #expect(try request(.post, "/x?a=1").form()["a"] == nil)
  }

  @Test func anObjectMayComeAsAText() {
    #expect(FormBody(object: .object([.init("a", .int(1))]))?["a"] == .int(1))
    #expect(FormBody(object: .string(#"{"a": 1}"#))?["a"] == .int(1))
    for other in [JSON.string("[1]"), .string("{"), .string(""), .int(1), .null, .array([])] {
      #expect(FormBody(object: other) == nil)
    }
  }
}

@Suite struct MultipartTests {
  private func parse(_ body: String, boundary: String? = "x") throws -> [String] {
    try Multipart.parse(Array(body.utf8), boundary: boundary).members.map {
      "\($0.name)=\(text($0.value) ?? "")"
    }
  }

  private func part(_ name: String, _ value: String) -> String {
    "--x\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
  }

  @Test func whatIsWholeIsRead() throws {
    let body = part("a", "1") + part("b", "two\r\nlines --x") + part("c", "") + "--x--\r\n"
    #expect(try parse(body) == [#"a="1""#, #"b="two\r\nlines --x""#, #"c="""#])
    #expect(try parse("preamble\r\n" + body + "epilogue").count == 3)
    #expect(try parse("--x--\r\n") == [])
    let other = """
      --x\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; foo=bar; name=a\r\n\r\n\
      ü\r\n--x--
      """
    #expect(try parse(other) == [#"a="ü""#])
  }

  /// One mustn't pass for a text, whatever is in it.
  @Test func aFileIsNoText() throws {
    let body = """
      --x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nbytes\r\n--x--
      """
    #expect(try parse(body) == ["a={}"])
    let form = try Multipart.parse(Array(body.utf8), boundary: "x")
    #expect(form.file("a") == Array("bytes".utf8))
    #expect(form.file("b") == nil)
    let (text, file) = (Field("a", .text(longest: 9)), Field("a", .textOrFile(longest: 9)))
    #expect(throws: Refusal.self) { try Input(form, fields: [text]) }
    #expect(try Input(form, fields: [file]).file(file) == Array("bytes".utf8))
  }

  @Test func everyCutIsNoticed() throws {
    let body = part("a", "1") + part("b", "2") + "--x--"
    _ = try parse(body)
    let accepted = (1..<body.utf8.count).filter { length in
      let cut = String(decoding: Array(body.utf8.prefix(length)), as: UTF8.self)
      return (try? parse(cut)) != nil
    }
    #expect(accepted == [])
  }

  @Test(arguments: [
    "", "x", "--x", "--y\r\n\r\n--y--", "--x\r\n--x--", "--x\r\n\r\n\r\n--x--",
    "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--", "--xy\r\n\r\n\r\n--xy--",
    "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x--",
  ])
  func whatIsMalformedIsRefused(body: String) {
    #expect(throws: BadRequest.self) { try parse(body) }
  }

  @Test func doublesAndBoundaries() {
    #expect(throws: BadRequest.self) { try parse(part("a", "1") + part("a", "2") + "--x--") }
    for boundary in [nil, "", String(repeating: "x", count: 71)] {
      #expect(throws: BadRequest.self) { try parse(part("a", "1") + "--x--", boundary: boundary) }
    }
    let many = (0..<1_001).map { part("n\($0)", "") }.joined() + "--x--"
    #expect(throws: BadRequest.self) { try parse(many) }
  }

  @Test func invalidUTF8IsRefused() {
    var body = Array("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8)
    body += [0xFF] + Array("\r\n--x--".utf8)
    #expect(throws: BadRequest.self) { try Multipart.parse(body, boundary: "x") }
  }
}
