import Testing

@testable import Domain

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }

  private static let values: [(String, JSON)] = [
    ("null", .null), ("true", .bool(true)), (" false ", .bool(false)), ("0", .int(0)),
    ("-7", .int(-7)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
    ("1.5", .double(1.5)), ("1e3", .double(1_000)), ("\"\"", .string("")),
    (#""a\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00""#, .string("a\"\\/\u{8}\u{c}\n\r\tü😀")),
    ("[]", .array([])), ("{}", .object([])), ("\t[1 , [ ]]\r\n", .array([.int(1), .array([])])),
    (
      #"{"b": 1, "a": {"c": null}}"#,
      .object([.init("b", .int(1)), .init("a", .object([.init("c", .null)]))])
    ),
  ]

  @Test(arguments: values)
  func isRead(text: String, expected: JSON) throws {
    #expect(try parse(text) == expected)
  }

  @Test(arguments: values)
  func comesBackFromTheWriter(text: String, expected: JSON) throws {
    var writer = JSONWriter()
    writer.value(expected)
    #expect(try JSON.parse(writer.bytes) == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[1", "{\"a\"}", "{\"a\":}", "[1,]", "{\"a\":1,}", "tru", "nulll", "'a'", "a",
    "01", "+1", "1.", ".5", "-", "0x1", "NaN", "Infinity", "\"a", "\"\n\"", "\"\\x\"", "\"\\u12\"",
    "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "{\"a\":1,\"\\u0061\":2}",
    "1 2", "{} x", "[]]", "{}\u{0}", "[1\u{0}]", "\"\\u0000\"", "{\"\\u0000\":1}", "\u{0}",
    "9223372036854775808", "-9223372036854775809", "1e400", "-1e400",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\u{FEFF}{}", "/* */ 1",
  ])
  func isRefused(text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xC3, 0x22], [0xFE, 0xFF, 0x00, 0x31],
    ] as [[UInt8]])
  func invalidUTF8IsRefused(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSON.parse(bytes) }
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
  func depthIsLimited(open: String, close: String) throws {
    func nested(_ depth: Int) -> String {
      String(repeating: open, count: depth) + (open == "[" ? "" : "1")
        + String(repeating: close, count: depth)
    }
    _ = try parse(nested(64))
    #expect(throws: JSONError.self) { try parse(nested(65)) }
    // Far beyond what recursion could take.
    #expect(throws: JSONError.self) { try parse(nested(200_000)) }
  }

  @Test func theErrorSaysWhereAndRepeatsNothing() {
    let error = #expect(throws: JSONError.self) {
      try parse("{\"a\": 1,\n \"password\": hunter2}")
    }
    #expect(error?.line == 2)
    #expect(error?.reason.contains("hunter2") == false, "\(error?.reason ?? "")")
  }

  @Test(arguments: [("", 1, 1), ("[1,\n", 2, 1), ("[1,\n2", 2, 1), ("x", 1, 1), ("[1 x]", 1, 4)])
  func theErrorHasAPlaceInTheText(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try parse(text) }
    #expect(error.map { [$0.line, $0.column] } == [line, column])
  }

  @Test func partsAreFound() throws {
    let json = try parse(#"{"a": "x", "b": 2, "c": [true]}"#)
    #expect(json["a"]?.string == "x" && json["a"]?.int == nil)
    #expect(json["b"]?.int == 2 && json["b"]?.string == nil)
    #expect(json["c"]?.array == [.bool(true)])
    #expect(json["d"] == nil && JSON.null["a"] == nil)
  }
}
