import CPQ

/// The rows that a statement answered, decoded cell by cell where they are read.
public struct Rows: Sendable, RandomAccessCollection {
  private let result: ResultHandle

  init(_ result: ResultHandle) { self.result = result }

  public var startIndex: Int { 0 }
  public var endIndex: Int { Int(PQntuples(result.pointer)) }
  public subscript(index: Int) -> Row { Row(result: result, index: CInt(index)) }

  /// Rows inserted, updated, deleted or selected, as the command's tag tells.
  public var affected: Int {
    guard let text = PQcmdTuples(result.pointer) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }

  /// The columns' names, for an answer whose shape the caller doesn't know.
  public var columnNames: [String] {
    (0..<PQnfields(result.pointer)).map { String(cString: PQfname(result.pointer, $0)) }
  }

  /// Every row as one type.
  public func decode<Element: RowDecodable>(_: Element.Type) throws(PostgresError) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for row in self { elements.append(try row.decode(Element.self)) }
    return elements
  }
}

/// One row of an answer.
public struct Row: Sendable {
  let result: ResultHandle
  let index: CInt

  /// The row's cells from the first column on.
  public var cells: Cells { Cells(row: self) }

  public func decode<Element: RowDecodable>(_: Element.Type) throws(PostgresError) -> Element {
    do {
      var cells = cells
      return try Element(&cells)
    } catch {
      throw PostgresError(decoding: error)
    }
  }

  /// The first columns, each as the type asked for.
  public func decode<each Element: PostgresDecodable>(
    _: repeat (each Element).Type
  ) throws(PostgresError) -> (repeat each Element) {
    var cells = cells
    do {
      return (repeat try cells.next((each Element).self))
    } catch {
      throw PostgresError(decoding: error)
    }
  }
}

/// A type made from the leading cells of a row, in the order in which the statement selects them.
public protocol RowDecodable {
  init(_ cells: inout Cells) throws(DecodingFailure)
}

/// Reads a row's cells one after another.
public struct Cells {
  private let row: Row
  private var column: CInt = 0

  init(row: Row) { self.row = row }

  /// The next column's value.
  public mutating func next<Value: PostgresDecodable>(
    _: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    let result = row.result.pointer
    defer { column += 1 }
    var bytes: UnsafeRawBufferPointer?
    if PQgetisnull(result, row.index, column) == 0 {
      let length = Int(PQgetlength(result, row.index, column))
      bytes = UnsafeRawBufferPointer(
        start: PQgetvalue(result, row.index, column), count: length)
    }
    return try Value.decode(Cell(bytes: bytes, type: PQftype(result, column)))
  }

  /// The next column as a decoded group of cells.
  public mutating func next<Value: RowDecodable>(
    group _: Value.Type
  ) throws(DecodingFailure) -> Value {
    try Value(&self)
  }

  /// The next cells as a group, with a failure said as an error of the query.
  public mutating func decode<Value: RowDecodable>(_: Value.Type) throws(PostgresError) -> Value {
    do { return try Value(&self) } catch { throw PostgresError(decoding: error) }
  }

  /// The next cell, with a failure said as an error of the query.
  public mutating func decode<Value: PostgresDecodable>(
    _: Value.Type
  ) throws(PostgresError) -> Value {
    do { return try next(Value.self) } catch { throw PostgresError(decoding: error) }
  }

  /// Passes over columns that were read already.
  public mutating func skip(_ count: Int) { column += CInt(count) }

  /// Whether the next cell is NULL, without taking it.
  public var isNextNull: Bool { PQgetisnull(row.result.pointer, row.index, column) != 0 }
}

/// Owns a result of libpq's.
///
/// `@unchecked Sendable`: a `PGresult` is never written after libpq hands it over, and it is freed
/// once, when the last reference goes (libpq, "Behavior in Threaded Programs").
final class ResultHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }
}
