import Testing

@testable import Domain

@Suite struct JSONEventsTests {
  /// Reads a text in pieces of so many bytes.
  private func read(_ text: String, pieces size: Int) throws -> JSON {
    let reader = JSONReader()
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { reader.receive($0) }
    }
    return try reader.value()
  }

  @Test(arguments: [
    #""\\ud800 \\\\udc00 \\\ud83d\ude00""#, "null", " [true, false] ", "-9223372036854775808",
    "9223372036854775807", "1.5e3", "\"\"",
    #"{"ü😀": "a\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00", "b": [{}, [], [[1]]]}"#,
    "[1,\n2,\r\n{\"x\":\t[null]}]",
  ])
  func sayTheSameHoweverTheTextIsCut(text: String) throws {
    let whole = try JSON.parse(Array(text.utf8))
    for size in 1...max(1, text.utf8.count) {
      #expect(try read(text, pieces: size) == whole, "pieces of \(size)")
    }
  }

  @Test(arguments: [
    "", " ", "{", "[1", "{\"a\"}", "[1,]", "{\"a\":1,}", "tru", "nulll", "'a'", "01", "+1", "1.",
    ".5", "-", "NaN", "\"a", "\"\n\"", "\"\\x\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    "{}\"", "{} \"x", "[1]\"\\", "1\u{B}", "[\u{C}1]",
    "1 2", "{} x", "[]]", "{}\u{0}", "\"\\u0000\"", "{\"\\u0000\":1}", "9223372036854775808",
    "-9223372036854775809", "1e400", "\u{FEFF}{}", "/* */ 1", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\ud800\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\"", "[\"\\uD83D\", 1]",
  ])
  func refuseWhatIsNoJSON(text: String) {
    for size in [1, 3, 1_000] {
      #expect(throws: JSONError.self) { try read(text, pieces: size) }
    }
  }

  @Test func refuseBytesThatAreNoUTF8() {
    for bad in [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
    ] {
      let reader = JSONReader()
      ([UInt8(ascii: "\"")] + bad.map { UInt8($0) } + [UInt8(ascii: "\"")]).withUnsafeBytes {
        reader.receive($0)
      }
      #expect(throws: JSONError.self) { try reader.finish() }
    }
  }

  @Test func refuseWhatIsTooDeep() throws {
    let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    #expect(try read(nested(JSON.maximumDepth), pieces: 7) != .null)
    let error = #expect(throws: JSONError.self) { try read(nested(65), pieces: 7) }
    #expect(error?.reason == "nested deeper than 64")
  }

  @Test func nameTheLine() {
    let error = #expect(throws: JSONError.self) { try read("{\"a\": 1,\n \"b\": x}", pieces: 5) }
    #expect(error?.line == 2)
    #expect(error?.reason == "invalid char in json text")
  }

  @Test func refuseATextWithoutEnd() {
    let reader = JSONReader()
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
    "\"".utf8.map { $0 }.withUnsafeBytes { reader.receive($0) }
    for _ in 0..<40 { piece.withUnsafeBytes { reader.receive($0) } }
    let error = #expect(throws: JSONError.self) { try reader.finish() }
    #expect(error?.reason.contains("bytes without a value") == true)
  }
}
