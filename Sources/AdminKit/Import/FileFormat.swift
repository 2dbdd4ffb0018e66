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
  /// - Throws: `LineError` where the file itself is malformed.
  mutating func next() throws -> ImportedRecord?
}

/// One record of a file: named values, and the line where it begins.
struct ImportedRecord {
  let line: Int
  /// Text for CSV, whatever JSON has for JSON.
  let values: [JSON.Member]

  subscript(name: String) -> JSON? { values.first { $0.name == name }?.value }
}

/// A fault in a file, by its place.
struct LineError: Error {
  let line: Int
  let column: Int?
  let message: String

  var text: String {
    let place = column.map { "line \(line), column \($0)" } ?? "line \(line)"
    return "\(place): \(message)"
  }
}

enum RecordFile {
  /// Opens a file, or standard input for `-`.
  static func open(_ path: String, _ format: FileFormat) throws -> any RecordSource {
    let input = try InputFile(path)
    switch format {
    case .csv: return try CSVSource(input)
    case .jsonl: return JSONLinesSource(input)
    case .json: return try JSONSource(input)
    }
  }
}
