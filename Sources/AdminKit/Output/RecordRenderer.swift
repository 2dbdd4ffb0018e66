import Domain
import Postgres

/// One thing: a line for each value, its name before it. Nothing is cut, as this is where one looks
/// to see all of it; on a terminal long texts are wrapped between words.
final class RecordRenderer: Renderer {
  /// Fewer cells than these are no room to wrap in.
  private static let leastWrapWidth = 20

  private let columns: [Column]
  private let style: OutputStyle
  /// Where values begin.
  private let indent: Int
  private var isEmpty = true
  private var out: OutputBuffer

  init(_ columns: [Column], _ style: OutputStyle, _ out: OutputBuffer) {
    self.columns = columns
    self.style = style
    self.out = out
    indent = (columns.map { TextWidth.of($0.key) }.max() ?? 0) + TableLayout.gap
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    if !isEmpty { out.bytes.append(ascii: "\n") }
    isEmpty = false
    for (column, value) in zip(columns, values) {
      if style.color { out.bytes.append(text: Emphasis.bold) }
      out.bytes.append(text: column.key)
      if style.color { out.bytes.append(text: Emphasis.off) }
      var spaces = indent - TextWidth.of(column.key)
      for text in lines(value) {
        if !text.isEmpty {
          out.bytes.append(spaces: spaces)
          let cell = TableCell(text: text, width: 0, isNull: value == .null)
          out.bytes.append(cell: cell, color: style.color)
        }
        out.bytes.append(ascii: "\n")
        spaces = indent
      }
    }
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws { try out.flush() }

  /// The lines that a value takes, at least one.
  private func lines(_ value: Value) -> [String] {
    let escapes = DisplayEscapes(newline: "\n")
    var lines = value.displayed(escapes).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    // An end of the last line begins no other.
    if lines.count > 1, lines.last == "" { lines.removeLast() }
    guard let width = style.lineWidth, width - indent >= Self.leastWrapWidth else { return lines }
    return lines.flatMap { TextWidth.wrapped($0, to: width - indent) }
  }
}
