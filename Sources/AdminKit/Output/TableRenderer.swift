import Domain
import Postgres

/// A header and a line for each row, aligned by the first thousand rows. Where it goes to a terminal
/// no line is wider than that, unless it holds nothing but numbers.
final class TableRenderer: Renderer {
  /// Rows that are measured before the first is shown.
  static let sampleRows = 1_000
  /// Bytes of cells that are kept for measuring.
  static let sampleBytes = 4 << 20

  private let columns: [Column]
  private let style: OutputStyle
  private var out: OutputBuffer
  private var measures: [TableLayout.Measure]
  private var sample: [[TableCell]] = []
  private var sampleSize = 0
  /// Nil while rows are still measured.
  private var layout: TableLayout?

  init(_ columns: [Column], _ style: OutputStyle, _ out: OutputBuffer) {
    self.columns = columns
    self.style = style
    self.out = out
    let name = style.nameIndex(of: columns)
    measures = columns.enumerated().map { index, column in
      TableLayout.Measure(
        kind: column.kind, isName: index == name, header: TextWidth.of(column.key))
    }
  }

  var hiddenColumns: [String] {
    layout.map { columns[$0.widths.count...].map(\.key) } ?? []
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    let cells = values.map { TableCell($0, style, limit: style.lineWidth) }
    if let layout { return try write(cells, layout) }
    for (index, cell) in cells.enumerated() {
      measures[index].content = max(measures[index].content, cell.width)
      sampleSize += cell.text.utf8.count
    }
    sample.append(cells)
    if sample.count >= Self.sampleRows || sampleSize >= Self.sampleBytes { try settle() }
  }

  func flush() throws {
    try settle()
    try out.flush()
  }

  func end() throws { try flush() }

  /// Ends the measuring and shows the rows that waited for it.
  private func settle() throws {
    guard layout == nil else { return }
    let layout = TableLayout(
      measures, available: style.lineWidth, markWidth: TextWidth.of(style.cutMark))
    self.layout = layout
    if style.color { out.bytes.append(text: Emphasis.bold) }
    var header = columns.map { TableCell(text: $0.key, width: TextWidth.of($0.key)) }
    header = zip(header, layout.widths).map { $0.fitted($1, .text, style) }
    let spaces = line(header, layout.widths)
    if layout.hasMark {
      out.bytes.append(spaces: spaces)
      out.bytes.append(text: style.cutMark)
    }
    if style.color { out.bytes.append(text: Emphasis.off) }
    out.bytes.append(ascii: "\n")
    let rows = sample
    sample = []
    for row in rows { try write(row, layout) }
  }

  private func write(_ cells: [TableCell], _ layout: TableLayout) throws {
    guard let available = style.lineWidth else {
      line(cells, layout.widths)
      return try endLine()
    }
    let widths = layout.widths(for: cells, columns, available: available)
    line(
      widths.indices.map { index in
        let kind = columns[index].kind
        return kind == .int && !layout.cutsNumbers
          ? cells[index] : cells[index].fitted(widths[index], kind, style)
      }, widths)
    try endLine()
  }

  private func endLine() throws {
    out.bytes.append(ascii: "\n")
    try out.flushIfFull()
  }

  /// Writes a line without its end. Spaces are written only where something follows, so that no
  /// line ends in them.
  /// - Returns: the spaces that would stand before another cell.
  @discardableResult
  private func line(_ cells: [TableCell], _ widths: [Int]) -> Int {
    var spaces = 0
    for (index, cell) in cells.enumerated() {
      let padding = max(0, widths[index] - cell.width)
      let isRight = columns[index].kind == .int
      if isRight { spaces += padding }
      if cell.width > 0 {
        out.bytes.append(spaces: spaces)
        out.bytes.append(cell: cell, color: style.color)
        spaces = 0
      }
      spaces += (isRight ? 0 : padding) + TableLayout.gap
    }
    return spaces
  }
}
