import CCSV
import Domain
import Glibc

/// CSV (RFC 4180) with a header, by libcsv.
final class CSVSource: RecordSource {
  let hasColumns = true
  private let input: InputFile
  private var parser = csv_parser()
  private var header: [String] = []
  private let collector = Collector()
  private var nextRow = 0
  private var isAtEnd = false

  /// What the library's callbacks fill.
  private final class Collector {
    var rows: [(line: Int, fields: [String])] = []
    var fields: [String] = []
    /// The line that is being read, and the one on which the record in hand began.
    var line = 1
    var recordLine = 1
    /// Where the first value stands that isn't text.
    var badText: (line: Int, column: Int)?
    /// Whether the last record ended with CR, so that an LF behind it belongs to the same end.
    var endedWithCR = false
  }

  /// - Throws: where the header is missing or names a column twice.
  init(_ input: InputFile) throws {
    self.input = input
    let options = UInt8(CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL | CSV_REPALL_NL)
    guard csv_init(&parser, options) == 0 else { throw Failure(.failed, "out of memory") }
    guard let first = try nextFields() else {
      throw FileError(line: 1, column: 1, message: "the file is empty: a header is wanted")
    }
    header = first.fields.map(\.trimmed)
    // A byte order mark, as some spreadsheets write it.
    if let name = header.first, name.hasPrefix("\u{FEFF}") { header[0] = String(name.dropFirst()) }
    if Set(header).count != header.count {
      throw FileError(line: 1, column: 1, message: "the header names a column twice")
    }
  }

  deinit { csv_free(&parser) }

  func next() throws -> ImportedRecord? {
    guard let (line, fields) = try nextFields() else { return nil }
    guard fields.count == header.count else {
      throw RecordError(
        line: line, column: 1,
        message: "\(fields.count) values where the header names \(header.count) columns")
    }
    var values: [JSON.Member] = []
    values.reserveCapacity(fields.count)
    for (name, field) in zip(header, fields) { values.append(.init(name, .string(field))) }
    return ImportedRecord(line: line, column: 1, values: values)
  }

  private func nextFields() throws -> (line: Int, fields: [String])? {
    while true {
      while nextRow < collector.rows.count {
        let row = collector.rows[nextRow]
        nextRow += 1
        // An empty line is a record of one empty value.
        if row.fields != [""] || header.count == 1 { return row }
      }
      if isAtEnd { return nil }
      collector.rows.removeAll(keepingCapacity: true)
      nextRow = 0
      try parse(try input.read())
    }
  }

  private func parse(_ piece: ArraySlice<UInt8>) throws {
    let context = Unmanaged.passUnretained(collector).toOpaque()
    if piece.isEmpty {
      isAtEnd = true
      guard csv_fini(&parser, takeField, takeRow, context) == 0 else {
        throw FileError(
          line: collector.recordLine, column: 1, message: "a quote isn't closed")
      }
    } else {
      let parsed = piece.withUnsafeBytes {
        csv_parse(&parser, $0.baseAddress, $0.count, takeField, takeRow, context)
      }
      guard parsed == piece.count else {
        throw FileError(
          line: collector.recordLine, column: collector.fields.count + 1,
          message: "a quote stands where none may")
      }
    }
    if let place = collector.badText {
      throw FileError(line: place.line, column: place.column, message: "this isn't UTF-8")
    }
  }

  private let takeField:
    @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?)
      -> Void = { bytes, count, context in
        guard let context else { return }
        let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        let buffer = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
        let text = String(validating: buffer, as: UTF8.self)
        if text == nil, collector.badText == nil {
          collector.badText = (collector.recordLine, collector.fields.count + 1)
        }
        collector.line += buffer.count { $0 == 0x0A }
        collector.fields.append(text ?? "")
      }

  /// Called for each line's end, because empty lines count too; CR LF makes two calls.
  private let takeRow: @convention(c) (CInt, UnsafeMutableRawPointer?) -> Void = { end, context in
    guard let context else { return }
    let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
    let isEmpty = collector.fields.isEmpty
    let isSecondHalf = isEmpty && end == 0x0A && collector.endedWithCR
    collector.endedWithCR = end == 0x0D
    if isSecondHalf { return }
    if !isEmpty { collector.rows.append((collector.recordLine, collector.fields)) }
    collector.fields.removeAll(keepingCapacity: true)
    collector.line += 1
    collector.recordLine = collector.line
  }
}
