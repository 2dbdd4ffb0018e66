import Domain

/// What a file of records is written in.
public enum FileFormat: String, Sendable, CaseIterable {
  case csv, json, jsonl

  /// - Parameter name: as `--format` gives it; nil for the file's ending to tell.
  /// - Throws: `usage` where neither tells.
  static func of(_ path: String, _ name: String?) throws(Failure) -> FileFormat {
    if let name, let format = FileFormat(rawValue: name) { return format }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if let format = FileFormat(rawValue: ending == "ndjson" ? "jsonl" : ending) { return format }
    throw Failure(
      .usage, "\(path): the ending doesn't tell the format",
      hint: "--format \(FileFormat.allCases.map(\.rawValue).joined(separator: "|"))")
  }
}

/// Reads a file's records one after another.
protocol RecordSource {
  /// The next record; nil at the end.
  /// - Throws: `RecordError` for a fault of this record alone, `FileError` for one of the file.
  mutating func next() throws -> ImportedRecord?
  /// Whether every record has the same values in the same order, which a fault counts.
  var hasColumns: Bool { get }
}

extension RecordSource {
  var hasColumns: Bool { false }
}

/// One record of a file: named values, and the line where it begins.
struct ImportedRecord {
  let line: Int
  let column: Int
  /// Text for CSV, whatever JSON has for JSON.
  let values: [JSON.Member]

  subscript(name: String) -> JSON? { values.first { $0.name == name }?.value }

  /// - Throws: `.invalid` where it is no text, or required and missing.
  func text(_ name: String, isRequired: Bool = true) throws(Refusal) -> String {
    switch self[name] {
    case .string(let text): return text
    case nil, .null:
      if isRequired { throw .invalid([FieldError(name, "This column is missing.")]) }
      return ""
    default: throw .invalid([FieldError(name, "Not a valid string.")])
    }
  }
}

/// A fault in one record, by its place; the next one may be sound.
struct RecordError: Error {
  let line: Int
  let column: Int
  let message: String

  var text: String { "line \(line), column \(column): \(message)" }
}

/// A fault in the file's own form, behind which nothing can be told apart any more.
struct FileError: Error {
  let fault: RecordError

  init(line: Int, column: Int, message: String) {
    fault = RecordError(line: line, column: column, message: message)
  }
}

enum RecordFile {
  /// A file's records.
  static func open(_ input: InputFile, _ format: FileFormat) throws -> any RecordSource {
    switch format {
    case .csv: return try CSVSource(input)
    case .jsonl: return JSONLinesSource(input)
    case .json: return try JSONSource(input)
    }
  }
}
