/// Makes a value of the events that tell of it, with the same strictness as `JSON.parse`.
public struct JSONBuilder: Sendable {
  private struct Level {
    var elements: [JSON] = []
    var members: [JSON.Member] = []
    /// The members' names once there are many.
    var names: Set<[UInt8]> = []
    /// The name whose value comes next; nil in an array.
    var name: String?
    let isObject: Bool

    /// Whether a name is new here, byte for byte: to Swift, names are equal that only look the same.
    mutating func admits(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
      if members.count < Self.many { return !members.contains { $0.name.utf8.elementsEqual(name) } }
      if names.isEmpty { names = Set(members.map { Array($0.name.utf8) }) }
      return names.insert(Array(name)).inserted
    }

    /// From how many members on looking at each costs more than a set of their names.
    private static let many = 16
  }

  private var levels: [Level] = []
  /// Containers around the value.
  private let depth: Int
  /// The value, once it is complete.
  public private(set) var value: JSON?

  public init(depth: Int) { self.depth = depth }

  public mutating func add(_ json: JSON) {
    guard let top = levels.indices.last else {
      value = json
      return
    }
    if let name = levels[top].name {
      levels[top].members.append(JSON.Member(name, json))
      levels[top].name = nil
    } else {
      levels[top].elements.append(json)
    }
  }

  public mutating func addNumber(_ digits: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    add(try JSON(number: digits))
  }

  public mutating func addString(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    add(.string(try String(json: bytes)))
  }

  public mutating func begin(object isObject: Bool) throws(JSONFault) {
    guard depth + levels.count < JSON.maximumDepth else {
      throw JSONFault("nested deeper than \(JSON.maximumDepth)")
    }
    levels.append(Level(isObject: isObject))
  }

  public mutating func name(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    guard let top = levels.indices.last else { return }
    let name = try String(json: bytes)
    guard levels[top].admits(bytes) else { throw .duplicateName }
    levels[top].name = name
  }

  public mutating func end() {
    guard let level = levels.popLast() else { return }
    add(level.isObject ? .object(level.members) : .array(level.elements))
  }
}

extension JSONFault {
  public static let duplicateName = JSONFault("duplicate object key")
}

extension JSON {
  /// - Parameter digits: as they stand in the text.
  /// - Throws: for what doesn't fit into 64 bits, or a double.
  init(number digits: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    if let value = Int64(json: digits) {
      self = .int(value)
    } else if digits.contains(where: { ".eE".utf8.contains($0) }) {
      guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
        throw JSONFault("real number overflow")
      }
      self = .double(value)
    } else {
      throw JSONFault("too big integer")
    }
  }
}

extension Int64 {
  /// A JSON number that is whole as it is written; nil for what isn't, or doesn't fit.
  public init?(json digits: UnsafeBufferPointer<UInt8>) {
    let isNegative = digits.first == UInt8(ascii: "-")
    var value: Int64 = 0
    for digit in digits.dropFirst(isNegative ? 1 : 0) {
      guard (0x30...0x39).contains(digit) else { return nil }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let step = Int64(digit &- 0x30)
      let (sum, overflows) =
        isNegative
        ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      guard !isTooLarge, !overflows else { return nil }
      value = sum
    }
    self = value
  }
}

extension String {
  /// A text or a name as JSON has it.
  /// - Throws: for what isn't UTF-8, and for NUL, which no text of the database may hold.
  public init(json bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw JSONFault("invalid UTF-8")
    }
    guard !bytes.contains(0) else { throw JSONFault("\\u0000 is not allowed") }
    self = text
  }
}
