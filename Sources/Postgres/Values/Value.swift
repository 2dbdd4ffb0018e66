/// A value of a column whose type is known only at run time, as lists and exports have them.
public enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case text(String)
  case time(Timestamp)
  case list([Value])
}

extension Value: PostgresDecodable {
  public static func decode(_ cell: Cell) throws(DecodingFailure) -> Value {
    guard cell.bytes != nil else { return .null }
    switch cell.type {
    case TypeOID.bool: return .bool(try Bool.decode(cell))
    case TypeOID.int8, TypeOID.int4, TypeOID.int2: return .int(try Int64.decode(cell))
    case TypeOID.timestamptz: return .time(try Timestamp.decode(cell))
    case TypeOID.textArray: return .list(try [String].decode(cell).map { .text($0) })
    default: return .text(try String.decode(cell))
    }
  }
}

extension Value {
  /// NULL for nil.
  public static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
  /// NULL for nil.
  public static func time(_ value: Timestamp?) -> Value { value.map { .time($0) } ?? .null }
  public static func int(_ value: Int) -> Value { .int(Int64(value)) }
}
