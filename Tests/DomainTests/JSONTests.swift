import Testing

@testable import Domain

@Suite struct JSONTests {
  @Test(arguments: [
    "{\"a\":1,\"a\":2}", "[1] 2", "{", "[1,]", "\"\\u0000\"", "9223372036854775808", "1e999",
    "\"\u{7}\"", "nul", "", String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
  ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSON.parse(Array(text.utf8)) }
  }

  @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSON.parse(bytes) }
  }

  @Test func takesSixtyFourDeep() throws {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try JSON.parse(Array(text.utf8)).array?.count == 1)
  }

  @Test func writesWhatItReads() throws {
    let text = #"{"b":[1,-9223372036854775808,null,true],"a":{"ä":"\"\\\n\t\u0001\u007f✓"}}"#
    let json = try JSON.parse(Array(text.utf8))
    var writer = JSONWriter()
    writer.value(json)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    #expect(try JSON.parse(writer.bytes) == json)
  }
}
