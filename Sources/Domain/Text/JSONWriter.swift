/// Writes JSON piece by piece into bytes; the commas place themselves.
public struct JSONWriter {
  public private(set) var bytes: [UInt8]
  /// Whether a comma is due before the next value or name.
  private var needsComma = false

  public init(capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Hands the bytes over and goes on with none, for an answer that is sent while it is made.
  public mutating func takeBytes() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  public mutating func beginObject() { open("{") }
  public mutating func endObject() { close("}") }
  public mutating func beginArray() { open("[") }
  public mutating func endArray() { close("]") }

  public mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func string(_ value: String) {
    separate()
    quote(value)
  }

  public mutating func int(_ value: Int64) {
    separate()
    bytes.append(decimal: value)
  }

  public mutating func int(_ value: Int) { int(Int64(value)) }

  public mutating func bool(_ value: Bool) { raw((value ? "true" : "false").utf8) }

  public mutating func null() { raw("null".utf8) }

  /// A value that is JSON already.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  /// Bytes between values, such as a line's end, which take no comma.
  public mutating func whitespace(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: bracket))
    needsComma = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    needsComma = true
  }

  /// Escapes what JSON asks to be escaped and DEL; the rest stays UTF-8.
  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { buffer in
      var start = 0
      var end = Self.plainPrefix(buffer, from: 0)
      while end < buffer.count {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start..<end]))
        escape(buffer[end])
        start = end + 1
        end = Self.plainPrefix(buffer, from: start)
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Where the first byte from `start` on is that must be escaped.
  private static func plainPrefix(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    buffer.indexOfFirst(from: start) {
      $0.under(0x20) | $0.equal("\"") | $0.equal("\\") | $0.equal("\u{7F}")
    }
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
    case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(contentsOf: [byte].hex.utf8)
    }
  }
}

extension JSONWriter {
  /// A name and a text; null for nil.
  public mutating func field(_ name: String, _ value: String?) {
    key(name)
    if let value { string(value) } else { null() }
  }

  public mutating func field(_ name: String, _ value: Int64) {
    key(name)
    int(value)
  }

  public mutating func field(_ name: String, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// An object whose members `body` writes.
  public mutating func object(_ body: (inout JSONWriter) -> Void) {
    beginObject()
    body(&self)
    endObject()
  }

  /// The bytes of one object.
  public static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes
  }
}
