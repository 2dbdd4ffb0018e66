/// A value for a statement's placeholder. Its SQL type is the one that the server infers from the
/// placeholder's place.
public enum Parameter: Sendable, Hashable {
  case null
  case int(Int64)
  case bool(Bool)
  case text(String)
  case time(Timestamp)
  case uuid(UUID)
  /// Goes out in binary, for `bytea`.
  case bytes([UInt8])
  /// A one-dimensional array.
  case texts([String])
  /// A one-dimensional array.
  case ints([Int64])
  /// A one-dimensional array of `bytea`, in binary.
  case byteArrays([[UInt8]])

  /// NULL for nil.
  public static func text(_ value: String?) -> Parameter { value.map { .text($0) } ?? .null }
  /// NULL for nil.
  public static func int(_ value: Int64?) -> Parameter { value.map { .int($0) } ?? .null }
  /// NULL for nil.
  public static func int(_ value: Int?) -> Parameter { value.map { .int(Int64($0)) } ?? .null }
  /// NULL for nil.
  public static func bool(_ value: Bool?) -> Parameter { value.map { .bool($0) } ?? .null }
  /// NULL for nil.
  public static func time(_ value: Timestamp?) -> Parameter { value.map { .time($0) } ?? .null }
  /// NULL for nil.
  public static func uuid(_ value: UUID?) -> Parameter { value.map { .uuid($0) } ?? .null }
}

/// Parameters laid out as libpq takes them: every value in one buffer, NUL after each text.
struct EncodedParameters {
  private(set) var bytes: [UInt8] = []
  /// Where each value begins; nil is NULL.
  private(set) var offsets: [Int?] = []
  private(set) var lengths: [CInt] = []
  private(set) var formats: [CInt] = []

  init(_ parameters: [Parameter] = []) { encode(parameters) }

  /// Bytes of room that are kept for the next ones.
  private static let largestRoom = 65_536

  /// Takes these in place of those before, and their room: a statement costs no allocation.
  mutating func encode(_ parameters: [Parameter]) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.largestRoom)
    offsets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    formats.removeAll(keepingCapacity: true)
    for parameter in parameters { append(parameter) }
  }

  private mutating func append(_ parameter: Parameter) {
    let start = bytes.count
    var format: CInt = 0
    switch parameter {
    case .null:
      offsets.append(nil)
      lengths.append(0)
      formats.append(0)
      return
    case .int(let value): bytes.append(contentsOf: String(value).utf8)
    case .bool(let value): bytes.append(UInt8(ascii: value ? "t" : "f"))
    case .text(let value): bytes.append(contentsOf: value.utf8)
    case .time(let value): bytes.append(contentsOf: value.rfc3339.utf8)
    case .uuid(let value): bytes.append(contentsOf: value.hex.utf8)
    case .bytes(let value):
      bytes.append(contentsOf: value)
      format = 1
    case .texts(let values): appendArray(values) { $0.appendQuoted($1) }
    case .ints(let values): appendArray(values) { $0.bytes.append(contentsOf: String($1).utf8) }
    case .byteArrays(let values):
      appendBinaryArray(values)
      format = 1
    }
    offsets.append(start)
    lengths.append(CInt(bytes.count - start))
    formats.append(format)
    bytes.append(0)
  }

  private mutating func appendArray<Element>(
    _ values: [Element], element: (inout EncodedParameters, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "{"))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      element(&self, value)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// As `array_send` has it: dimensions, a flag for NULLs, the element's type, a length and a lower
  /// bound for the dimension, then each element behind its length.
  private mutating func appendBinaryArray(_ values: [[UInt8]]) {
    bytes.reserveCapacity(bytes.count + values.reduce(32) { $0 + $1.count + 4 })
    let header = [values.isEmpty ? 0 : 1, 0, Int(TypeOID.bytea)]
    for word in values.isEmpty ? header : header + [values.count, 1] { appendWord(word) }
    for value in values {
      appendWord(value.count)
      bytes.append(contentsOf: value)
    }
  }

  private mutating func appendWord(_ value: Int) {
    withUnsafeBytes(of: UInt32(value).bigEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func appendQuoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes.append(UInt8(ascii: "\\"))
      }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Calls `body` with libpq's four arrays.
  func withPointers<Result>(
    _ body: (
      _ count: CInt, _ values: UnsafePointer<UnsafePointer<CChar>?>,
      _ lengths: UnsafePointer<CInt>, _ formats: UnsafePointer<CInt>
    ) -> Result
  ) -> Result {
    bytes.withUnsafeBytes { buffer in
      let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      let count = offsets.count
      return withUnsafeTemporaryAllocation(
        of: UnsafePointer<CChar>?.self, capacity: count + 1
      ) { values in
        for index in 0..<count {
          let value = offsets[index].flatMap { base?.advanced(by: $0) }
          values.initializeElement(at: index, to: value)
        }
        values.initializeElement(at: count, to: nil)
        return lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            // An empty array's base address may be nil; libpq reads nothing of it then.
            guard let values = UnsafePointer(values.baseAddress),
              let lengths = lengths.baseAddress ?? Self.nothing,
              let formats = formats.baseAddress ?? Self.nothing
            else { preconditionFailure("an array without an address") }
            return body(CInt(count), values, lengths, formats)
          }
        }
      }
    }
  }

  private static var nothing: UnsafePointer<CInt>? { UnsafePointer(bitPattern: 8) }
}
