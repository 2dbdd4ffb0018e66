import Domain

/// The ways in which an answer can be written.
public enum OutputFormat: String, Sendable, CaseIterable {
  /// For people: aligned columns, or a line for each value of a single thing.
  case table
  /// Tab-separated, without a header; control characters and backslashes escaped.
  case plain
  /// One object, or an array with an object on each line.
  case json
  /// An object on each line.
  case jsonl
  /// With a header; lines end as psql's do, in a newline alone.
  case csv
  /// YAML 1.2 that also reads the same as YAML 1.1.
  case yaml
  /// What each row is called, one a line.
  case name
}

/// Whether an answer is one thing (in JSON an object) or a list (an array).
public enum Shape: Sendable { case one, many }

/// How an answer is shown. What it needs to know of the terminal is found once by the caller.
public struct OutputStyle: Sendable, Hashable {
  public var format: OutputFormat
  /// The terminal's columns; nil where the bytes go somewhere else, and then nothing is cut.
  public var width: Int?
  /// Bold headers and dim nulls.
  public var color: Bool
  /// Whether each row of a table is shown as a block of its values, one a line.
  public var expanded = false
  /// Whether nothing is cut on a terminal either.
  public var wide: Bool
  /// Whether the reader shows more than ASCII. It decides over the marks that are put in, never
  /// over the values.
  public var isUTF8: Bool
  /// The column that says what a row is called; nil, or one that the answer hasn't, for the first
  /// column of text, or the first of all where no column is text.
  public var nameColumn: String?

  public init(
    _ format: OutputFormat, width: Int? = nil, color: Bool = false, wide: Bool = false,
    isUTF8: Bool = true, nameColumn: String? = nil
  ) {
    self.format = format
    self.width = width
    self.color = color
    self.wide = wide
    self.isUTF8 = isUTF8
    self.nameColumn = nameColumn
  }
}

extension OutputStyle {
  /// Columns that a line may take; nil for as many as it likes.
  var lineWidth: Int? { wide ? nil : width }

  /// Stands where something was cut off.
  var cutMark: String { isUTF8 ? "…" : "..." }

  /// Stands for the end of a line inside a table's cell.
  var newlineMark: String { isUTF8 ? "⏎" : "\\n" }

  /// Which of the columns says what a row is called.
  func nameIndex(of columns: [Column]) -> Int {
    columns.firstIndex { $0.key == nameColumn } ?? columns.firstIndex { $0.kind == .text } ?? 0
  }
}
