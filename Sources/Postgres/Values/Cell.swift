/// One value of a result in PostgreSQL's binary format; nil bytes are NULL.
public struct Cell {
  let bytes: UnsafeRawBufferPointer?
  /// The type's OID, as in `pg_type`.
  let type: UInt32

  func integer<Value: FixedWidthInteger>(_: Value.Type, at offset: Int = 0) -> Value {
    guard let bytes, bytes.count >= offset + MemoryLayout<Value>.size else { return 0 }
    return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}

/// OIDs of the built-in types that are decoded here (`pg_type.dat`).
enum TypeOID {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let int8: UInt32 = 20
  static let int2: UInt32 = 21
  static let int4: UInt32 = 23
  static let textArray: UInt32 = 1009
  static let timestamptz: UInt32 = 1184
  static let uuid: UInt32 = 2950
  static let jsonb: UInt32 = 3802
}

/// A Swift type that a cell can be read as.
public protocol PostgresDecodable {
  /// - Throws: `DecodingFailure` when the cell is NULL or of another type, which is a fault of the
  ///   statement and never of the data.
  static func decode(_ cell: Cell) throws(DecodingFailure) -> Self

  /// Reads a cell that holds several of them.
  static func decodeArray(_ cell: Cell) throws(DecodingFailure) -> [Self]
}

/// A cell that isn't what the code expects.
public struct DecodingFailure: Error, Sendable {
  public let message: String

  /// - Parameter message: what is wrong with the data, for the log.
  public init(_ message: String) { self.message = message }

  init(_ cell: Cell, as type: Any.Type) {
    message =
      cell.bytes == nil
      ? "NULL where \(type) was expected" : "type \(cell.type) where \(type) was expected"
  }
}

extension Int64: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Int64 {
    guard cell.bytes != nil else { throw DecodingFailure(cell, as: Self.self) }
    switch cell.type {
    case TypeOID.int8: return cell.integer(Int64.self)
    case TypeOID.int4: return Int64(cell.integer(Int32.self))
    case TypeOID.int2: return Int64(cell.integer(Int16.self))
    default: throw DecodingFailure(cell, as: Self.self)
    }
  }
}

extension Int: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Int {
    Int(try Int64.decode(cell))
  }
}

extension Bool: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Bool {
    guard cell.type == TypeOID.bool, let first = cell.bytes?.first else {
      throw DecodingFailure(cell, as: Self.self)
    }
    return first != 0
  }
}

extension String: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> String {
    guard let bytes = cell.bytes else { throw DecodingFailure(cell, as: Self.self) }
    switch cell.type {
    case TypeOID.uuid: return try UUID.decode(cell).description
    case TypeOID.jsonb: return String(decoding: bytes.dropFirst(), as: UTF8.self)
    case TypeOID.bool, TypeOID.bytea, TypeOID.int8, TypeOID.int2, TypeOID.int4,
      TypeOID.textArray, TypeOID.timestamptz:
      throw DecodingFailure(cell, as: Self.self)
    default: return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension Timestamp: PostgresDecodable {
  /// Between PostgreSQL's epoch, 2000-01-01, and Unix's.
  private static let epochDifference: Int64 = 946_684_800_000_000

  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Timestamp {
    guard cell.type == TypeOID.timestamptz, cell.bytes != nil else {
      throw DecodingFailure(cell, as: Self.self)
    }
    // Wrapping, for the server's own `infinity`, which is the largest integer.
    return Timestamp(microseconds: cell.integer(Int64.self) &+ epochDifference)
  }
}

extension UUID: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> UUID {
    guard cell.type == TypeOID.uuid, cell.bytes?.count == 16 else {
      throw DecodingFailure(cell, as: Self.self)
    }
    return UUID(high: cell.integer(UInt64.self), low: cell.integer(UInt64.self, at: 8))
  }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> [Element] {
    try Element.decodeArray(cell)
  }
}

extension PostgresDecodable {
  public static func decodeArray(_ cell: Cell) throws(DecodingFailure) -> [Self] {
    guard let bytes = cell.bytes else { throw DecodingFailure(cell, as: [Self].self) }
    // array_send: dimensions, a flag for NULLs, the element's type, then a length and a lower
    // bound a dimension, then each element behind its length.
    let dimensions = cell.integer(Int32.self)
    let elementType = cell.integer(UInt32.self, at: 8)
    guard dimensions == 1 else {
      if dimensions == 0 { return [] }
      throw DecodingFailure(cell, as: [Self].self)
    }
    var offset = 20
    var elements: [Self] = []
    for _ in 0..<cell.integer(Int32.self, at: 12) {
      let length = Int(cell.integer(Int32.self, at: offset))
      offset += 4
      guard length >= 0, offset + length <= bytes.count else {
        throw DecodingFailure(cell, as: [Self].self)
      }
      let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
      elements.append(try Self.decode(Cell(bytes: element, type: elementType)))
      offset += length
    }
    return elements
  }
}

extension UInt8: PostgresDecodable {
  /// Only as the element of `[UInt8]`, which is a whole `bytea`.
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> UInt8 {
    throw DecodingFailure(cell, as: Self.self)
  }

  public static func decodeArray(_ cell: Cell) throws(DecodingFailure) -> [UInt8] {
    guard let bytes = cell.bytes, cell.type == TypeOID.bytea else {
      throw DecodingFailure(cell, as: [UInt8].self)
    }
    return [UInt8](bytes)
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Wrapped? {
    cell.bytes == nil ? nil : try Wrapped.decode(cell)
  }
}
