import Testing

@testable import Postgres

@Suite struct EncodedParametersTests {
  /// What libpq sees of one parameter: nil for NULL, else its bytes by the given length.
  private func seen(_ parameters: [Parameter]) -> [[UInt8]?] {
    EncodedParameters(parameters).withPointers { count, values, lengths, _ in
      (0..<Int(count)).map { index in
        values[index].map { start in
          Array(UnsafeRawBufferPointer(start: start, count: Int(lengths[index])))
        }
      }
    }
  }

  private static let texts: [(Parameter, String)] = [
    (.int(Int64.min), "-9223372036854775808"), (.int(Int64.max), "9223372036854775807"),
    (.bool(true), "t"), (.bool(false), "f"), (.text(""), ""), (.text("a'b\"\\"), "a'b\"\\"),
    (.text("ünï😀"), "ünï😀"), (.time(Timestamp(microseconds: 1)), "1970-01-01T00:00:00.000001Z"),
    (.uuid(UUID(high: 1, low: 2)), "00000000000000010000000000000002"),
    (.texts([]), "{}"), (.ints([]), "{}"), (.ints([1, -2]), "{1,-2}"),
    (.texts(["a", "", "NULL", "b,c", "{d}"]), #"{"a","","NULL","b,c","{d}"}"#),
    (.texts([#"quote " and \ back"#]), #"{"quote \" and \\ back"}"#),
  ]

  @Test(arguments: texts)
  func asText(parameter: Parameter, expected: String) {
    #expect(seen([parameter]) == [Array(expected.utf8)])
    #expect(EncodedParameters([parameter]).formats == [0])
  }

  /// libpq reads a text up to its NUL, whatever length stands beside it.
  @Test(arguments: texts)
  func aTextEndsWithNUL(parameter: Parameter, expected: String) {
    let text = EncodedParameters([.text("before"), parameter, .text("behind")])
      .withPointers { _, values, _, _ in values[1].map { String(cString: $0) } }
    #expect(text == expected)
  }

  @Test func arraysOfBytesGoOutInBinary() {
    let header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 3, 0, 0, 0, 1]
    let elements: [UInt8] = [0, 0, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255]
    #expect(seen([.byteArrays([[7, 0], [], [255]])]) == [header + elements])
    #expect(seen([.byteArrays([])]) == [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17]])
    #expect(EncodedParameters([.byteArrays([])]).formats == [1])
  }

  @Test func bytesGoOutInBinary() {
    let encoded = EncodedParameters([.bytes([0, 1, 0, 255]), .text("x"), .bytes([])])
    #expect(encoded.formats == [1, 0, 1])
    #expect(encoded.lengths == [4, 1, 0])
    #expect(seen([.bytes([0, 1, 0, 255]), .bytes([])]) == [[0, 1, 0, 255], []])
  }

  private static let nothing: [Parameter] = [
    .null, .text(nil as String?), .int(nil as Int?), .int(nil as Int64?), .bool(nil as Bool?),
    .time(nil as Timestamp?), .uuid(nil as UUID?),
  ]

  @Test(arguments: nothing)
  func nilIsNULLAndAnEmptyTextIsNot(parameter: Parameter) {
    #expect(seen([.text("a"), parameter, .text("")]) == [[0x61], nil, []])
  }

  @Test func noneAtAll() {
    let count = EncodedParameters([]).withPointers { count, _, _, _ in count }
    #expect(count == 0)
  }
}
