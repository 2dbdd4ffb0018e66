/// A JSON value (RFC 8259).
public enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A name and its value, in the order of the text. No name stands twice in an object.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: JSON

    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The member of that name, nil where this isn't an object that has it.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  public var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  public var int: Int64? {
    if case .int(let value) = self { return value }
    return nil
  }

  public var array: [JSON]? {
    if case .array(let elements) = self { return elements }
    return nil
  }
}

/// Why a text isn't JSON that this program takes.
public struct JSONError: Error, Sendable {
  /// Without the text itself, which may hold a secret.
  public let reason: String
  public let line: Int
  public let column: Int
}

extension JSON {
  /// Arrays and objects may stand in each other this deep.
  public static let maximumDepth = 64

  /// Parses a whole text. Refused are duplicate names, invalid UTF-8, NUL, trailing bytes, integers
  /// beyond 64 bits, reals beyond a double, and depth over `maximumDepth`.
  public static func parse(_ bytes: some ContiguousBytes) throws(JSONError) -> JSON {
    let reader = JSONReader()
    bytes.withBytes { reader.receive($0) }
    return try reader.value()
  }
}

/// Makes the value that a text says.
final class JSONReader: JSONEvents {
  private var builder = JSONBuilder(depth: 0)

  /// The value, when the text is complete.
  func value() throws(JSONError) -> JSON {
    try finish()
    guard let value = builder.value else { throw JSONError(reason: "no value", line: 1, column: 1) }
    return value
  }

  override func null() throws(JSONFault) { builder.add(.null) }
  override func boolean(_ value: Bool) throws(JSONFault) { builder.add(.bool(value)) }
  override func number(_ digits: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    try builder.addNumber(digits)
  }
  override func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    try builder.addString(bytes)
  }
  override func beginObject() throws(JSONFault) { try builder.begin(object: true) }
  override func name(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    try builder.name(bytes)
  }
  override func endObject() throws(JSONFault) { builder.end() }
  override func beginArray() throws(JSONFault) { try builder.begin(object: false) }
  override func endArray() throws(JSONFault) { builder.end() }
}

/// Bytes that lie in one piece.
public protocol ContiguousBytes {
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension [UInt8]: ContiguousBytes {
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(body)
  }
}

extension ArraySlice<UInt8>: ContiguousBytes {
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(body)
  }
}

extension UnsafeRawBufferPointer: ContiguousBytes {
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    body(self)
  }
}
