import Testing

@testable import Domain

@Suite struct JSONWriterTests {
  private func text(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func commasPlaceThemselves() {
    let written = text { writer in
      writer.beginArray()
      writer.object { _ in }
      writer.object { object in
        object.field("a", 1)
        object.field("b", nil as String?)
        object.field("c", true)
        object.key("d")
        object.beginArray()
        object.endArray()
        object.field("e", "x")
      }
      writer.null()
      writer.raw("{\"f\":2}".utf8)
      writer.endArray()
    }
    #expect(written == #"[{},{"a":1,"b":null,"c":true,"d":[],"e":"x"},null,{"f":2}]"#)
  }

  private static let escapes: [(String, String)] = [
    ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#),
    ("\u{0}\u{1}\u{1F}\u{7F}", #""\u0000\u0001\u001f\u007f""#),
    ("ünï😀\u{2028}", "\"ünï😀\u{2028}\""),
    ("/", "\"/\""), ("\u{8}end", #""\u0008end""#),
  ]

  @Test(arguments: escapes)
  func textsAreEscaped(value: String, expected: String) {
    #expect(text { $0.string(value) } == expected)
    #expect(text { writer in writer.object { $0.field(value, 1) } } == "{\(expected):1}")
  }

  @Test(arguments: [0, 7, -7, 10, 1_234_567_890, .max, .min] as [Int64])
  func integersInDigits(number: Int64) {
    #expect(text { $0.int(number) } == "\(number)")
  }

  /// An answer may be sent while it is written; the pieces make the same whole.
  @Test func takenInPieces() {
    var writer = JSONWriter()
    var pieces: [UInt8] = []
    writer.beginArray()
    for number in 0..<3 {
      writer.int(number)
      pieces += writer.takeBytes()
    }
    writer.endArray()
    pieces += writer.takeBytes()
    #expect(String(decoding: pieces, as: UTF8.self) == "[0,1,2]")
    #expect(writer.bytes.isEmpty)
  }
}
