import CJansson

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
    var error = json_error_t()
    let flags = size_t(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    var nul: Int?
    let root = bytes.withBytes { buffer -> UnsafeMutablePointer<json_t>? in
      // The library passes over one that stands behind a number or a word.
      nul = buffer.firstNUL
      guard nul == nil else { return nil }
      return json_loadb(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, flags, &error)
    }
    if let nul {
      let before = bytes.withBytes {
        $0[..<nul].split(separator: 0x0A, omittingEmptySubsequences: false).map(\.count)
      }
      throw JSONError(reason: "a NUL", line: before.count, column: (before.last ?? 0) + 1)
    }
    guard let root else {
      throw JSONError(
        reason: reason(error), line: max(1, Int(error.line)), column: max(1, Int(error.column)))
    }
    defer { havoc_json_release(root) }
    return try JSON(root, depth: 0)
  }

  private init(_ node: UnsafeMutablePointer<json_t>, depth: Int) throws(JSONError) {
    let isContainer = node.pointee.type == JSON_OBJECT || node.pointee.type == JSON_ARRAY
    guard depth < Self.maximumDepth || !isContainer else {
      throw JSONError(reason: "nested deeper than \(Self.maximumDepth)", line: 1, column: 1)
    }
    switch node.pointee.type {
    case JSON_OBJECT: self = .object(try Self.members(of: node, depth: depth))
    case JSON_ARRAY:
      var elements: [JSON] = []
      let count = json_array_size(node)
      elements.reserveCapacity(count)
      for index in 0..<count {
        if let element = json_array_get(node, index) {
          elements.append(try JSON(element, depth: depth + 1))
        }
      }
      self = .array(elements)
    case JSON_STRING:
      self = .string(Self.text(json_string_value(node), json_string_length(node)))
    case JSON_INTEGER: self = .int(json_integer_value(node))
    case JSON_REAL: self = .double(json_real_value(node))
    case JSON_TRUE: self = .bool(true)
    case JSON_FALSE: self = .bool(false)
    default: self = .null
    }
  }

  private static func members(
    of node: UnsafeMutablePointer<json_t>, depth: Int
  ) throws(JSONError) -> [Member] {
    var members: [Member] = []
    members.reserveCapacity(json_object_size(node))
    var iterator = json_object_iter(node)
    while let position = iterator {
      if let name = json_object_iter_key(position), let value = json_object_iter_value(position) {
        members.append(Member(String(cString: name), try JSON(value, depth: depth + 1)))
      }
      iterator = json_object_iter_next(node, position)
    }
    return members
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: start, count: length)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The library's words without "near '…'", which repeats a piece of the text.
  private static func reason(_ error: json_error_t) -> String {
    var copy = error
    let words = withUnsafeBytes(of: &copy.text) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
    return words.split(separator: " near ", maxSplits: 1).first.map(String.init) ?? "malformed"
  }
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
