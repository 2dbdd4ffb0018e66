import Domain

/// Makes something of each of a file's records, gathering faults instead of stopping at the first.
final class RecordReader<Item> {
  private var source: any RecordSource
  private let make: (ImportedRecord) throws(Refusal) -> Item
  private let checkColumn: (String) throws(Refusal) -> Void
  private let continuesOnError: Bool
  /// The faults so far.
  private(set) var faults: [RecordError] = []
  private var isAtEnd = false
  /// Where a table has its columns: the same in each record.
  private var columns: [String] = []

  /// Faults that are listed.
  private let limit = 20

  /// - Parameters:
  ///   - checkColumn: says what is wrong with a column of a table, before its records are read.
  ///   - continuesOnError: whether sound records are taken although others aren't.
  ///   - make: says under a column's name what is wrong with it.
  init(
    _ source: any RecordSource, continuesOnError: Bool,
    checkColumn: @escaping (String) throws(Refusal) -> Void = { _ in },
    make: @escaping (ImportedRecord) throws(Refusal) -> Item
  ) {
    self.source = source
    self.continuesOnError = continuesOnError
    self.checkColumn = checkColumn
    self.make = make
  }

  /// The next item that is as it should be; nil at the end of the file.
  /// - Throws: a failure that lists the faults, once there are enough of them.
  func next() throws -> Item? {
    while !isAtEnd {
      do {
        guard let record = try source.next() else { break }
        if columns.isEmpty, source.hasColumns {
          columns = record.values.map(\.name)
          try checkColumns()
        }
        if let item = try item(record) { return item }
      } catch let error as RecordError {
        try note(error)
      } catch let error as FileError {
        try note(error.fault)
        isAtEnd = true
      }
    }
    isAtEnd = true
    try finish()
    return nil
  }

  /// One fault for a column, and not for each record.
  private func checkColumns() throws {
    for (index, column) in columns.enumerated() {
      do throws(Refusal) {
        try checkColumn(column)
      } catch {
        throw FileError(line: 1, column: index + 1, message: error.message)
      }
    }
  }

  /// Nil for a record that won't do, after its fault was noted.
  private func item(_ record: ImportedRecord) throws -> Item? {
    let refusal: Refusal
    do throws(Refusal) {
      return try make(record)
    } catch {
      refusal = error
    }
    var column = record.column
    if case .invalid(let errors) = refusal, let field = errors.first?.field {
      column = self.column(of: field) ?? column
    }
    try note(RecordError(line: record.line, column: column, message: refusal.message))
    return nil
  }

  /// Nil where columns have no place of their own.
  private func column(of field: String) -> Int? { columns.firstIndex(of: field).map { $0 + 1 } }

  /// Notes what was found wrong with a record that seemed sound by itself.
  func note(line: Int, field: String, _ message: String) throws {
    try note(
      RecordError(line: line, column: column(of: field) ?? 1, message: "\(field): \(message)"))
  }

  private func note(_ fault: RecordError) throws {
    faults.append(fault)
    if faults.count >= limit { try finish() }
  }

  func finish() throws {
    guard !faults.isEmpty, !continuesOnError else { return }
    throw Failure(
      .failed, "nothing was imported:\n\(list)",
      hint: "mend these and run it again, or take the others with --continue-on-error")
  }

  /// The first faults, one a line.
  var list: String {
    faults.prefix(limit).map { "  " + $0.text }.joined(separator: "\n")
  }
}
