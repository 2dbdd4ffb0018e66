import Testing

@testable import Postgres

@Suite struct CellTests {
  private func decode<Value: PostgresDecodable>(
    _: Value.Type, _ bytes: [UInt8]?, _ type: UInt32
  ) throws -> Value {
    guard let bytes else { return try Value.decode(Cell(bytes: nil, type: type)) }
    return try bytes.withUnsafeBytes { try Value.decode(Cell(bytes: $0, type: type)) }
  }

  /// `array_send`'s form: elements behind their lengths, nil for NULL.
  private func array(
    _ elements: [[UInt8]?], of type: UInt32, dimensions: Int32 = 1
  ) -> [UInt8] {
    func word(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let hasNulls: Int32 = elements.contains { $0 == nil } ? 1 : 0
    var bytes = word(dimensions) + word(hasNulls) + word(Int32(type))
    if dimensions == 0 { return bytes }
    bytes += word(Int32(elements.count)) + word(1)
    for element in elements {
      bytes += element.map { word(Int32($0.count)) + $0 } ?? word(-1)
    }
    return bytes
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE], TypeOID.int2, -2), ([0xFF, 0xFF, 0xFF, 0xFD], TypeOID.int4, -3),
      ([0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], TypeOID.int8, .max),
      ([0x80, 0, 0, 0, 0, 0, 0, 0], TypeOID.int8, .min),
    ] as [([UInt8], UInt32, Int64)])
  func integers(bytes: [UInt8], type: UInt32, expected: Int64) throws {
    #expect(try decode(Int64.self, bytes, type) == expected)
    #expect(try decode(Int.self, bytes, type) == Int(expected))
    #expect(try decode(Value.self, bytes, type) == .int(expected))
  }

  @Test func arraysOfTexts() throws {
    let elements = ["a", "", "ünï", "\"{,}"]
    let bytes = array(elements.map { Array($0.utf8) }, of: 25)
    #expect(try decode([String].self, bytes, TypeOID.textArray) == elements)
    #expect(
      try decode(Value.self, bytes, TypeOID.textArray) == .list(elements.map { .text($0) }))
  }

  @Test func arraysOfNumbers() throws {
    let bytes = array([[0, 0, 0, 7], [0xFF, 0xFF, 0xFF, 0xFF]], of: TypeOID.int4)
    #expect(try decode([Int64].self, bytes, 1007) == [7, -1])
  }

  @Test func anEmptyArrayHasNoDimension() throws {
    #expect(try decode([String].self, array([], of: 25, dimensions: 0), 1009) == [])
  }

  @Test func whatIsNotAFlatArrayIsRefused() {
    let good = array([[0x61], [0x62, 0x63]], of: 25)
    let bad: [String: [UInt8]?] = [
      "NULL": nil, "a NULL in it": array([[0x61], nil], of: 25),
      "two dimensions": array([[0x61]], of: 25, dimensions: 2),
      "cut off": good.dropLast(), "cut off before an element": Array(good.prefix(20)),
      "a length beyond its end": array([], of: 25).prefix(12) + [0, 0, 0, 9, 0, 0, 0, 1],
    ]
    for (what, bytes) in bad {
      #expect(throws: DecodingFailure.self, "\(what)") { try decode([String].self, bytes, 1009) }
    }
  }

  @Test func byteaIsAnArrayOfBytes() throws {
    #expect(try decode([UInt8].self, [0, 1, 255], TypeOID.bytea) == [0, 1, 255])
    #expect(try decode([UInt8].self, [], TypeOID.bytea) == [])
    #expect(throws: DecodingFailure.self) {
      try decode([UInt8].self, array([[0x61]], of: 25), TypeOID.textArray)
    }
  }

  @Test func nothingIsReadAsAnotherType() {
    let eight = [UInt8](repeating: 0, count: 8)
    #expect(throws: DecodingFailure.self) { try decode(Int.self, eight, TypeOID.timestamptz) }
    #expect(throws: DecodingFailure.self) { try decode(Timestamp.self, eight, TypeOID.int8) }
    #expect(throws: DecodingFailure.self) { try decode(Bool.self, [1], TypeOID.int2) }
    #expect(throws: DecodingFailure.self) { try decode(String.self, eight, TypeOID.int8) }
    #expect(throws: DecodingFailure.self) { try decode(String.self, [1], TypeOID.bool) }
    #expect(throws: DecodingFailure.self) { try decode(UUID.self, eight, TypeOID.uuid) }
    #expect(throws: DecodingFailure.self) { try decode(Int.self, Array("7".utf8), 25) }
  }

  @Test func nullIsOnlyForOptionals() throws {
    #expect(try decode(Int?.self, nil, TypeOID.int8) == nil)
    #expect(try decode(String?.self, Array("a".utf8), 25) == "a")
    #expect(try decode(Value.self, nil, TypeOID.int8) == .null)
    let error = #expect(throws: DecodingFailure.self) { try decode(String.self, nil, 25) }
    #expect(error?.message == "NULL where String was expected")
    let wrong = #expect(throws: DecodingFailure.self) { try decode(Bool.self, [1], 25) }
    #expect(wrong?.message == "type 25 where Bool was expected")
  }

  @Test func jsonbComesWithoutItsVersion() throws {
    #expect(try decode(String.self, [1] + Array("{}".utf8), TypeOID.jsonb) == "{}")
  }

  /// `infinity` is the largest integer, which mustn't stop the program.
  @Test func timesAtTheEndOfTheirRange() throws {
    let infinity: [UInt8] = [0x7F] + [UInt8](repeating: 0xFF, count: 7)
    _ = try decode(Timestamp.self, infinity, TypeOID.timestamptz).rfc3339
    let epoch = [UInt8](repeating: 0, count: 8)
    #expect(
      try decode(Timestamp.self, epoch, TypeOID.timestamptz).rfc3339 == "2000-01-01T00:00:00Z")
  }
}
