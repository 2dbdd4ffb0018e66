import Domain
import Postgres

/// Renders rows as they come, in memory that doesn't grow with their number.
///
/// The calls are `begin()`, any number of `row(_:)` and `flush()`, then `end()`. After a throw
/// there is nothing left to call.
public protocol Renderer: AnyObject {
  func begin() throws
  /// - Parameter values: as many as there are columns, in their order.
  func row(_ values: [Value]) throws
  /// Shows now what would wait for more, in an answer that grows under its reader's eyes. A table's
  /// widths are settled by the rows that came before.
  func flush() throws
  /// Ends the answer and hands over all bytes.
  func end() throws
  /// The keys of columns that found no room on the terminal, known once rows have been shown.
  var hiddenColumns: [String] { get }
}

extension Renderer {
  public var hiddenColumns: [String] { [] }
}

/// A renderer for the style's format.
/// - Parameters:
///   - columns: those that are shown, no others: choosing them is up to the caller.
///   - sink: takes the bytes in pieces of about 64 KiB.
public func makeRenderer(
  columns: [Column], shape: Shape, style: OutputStyle, sink: any ByteSink
) -> any Renderer {
  let buffer = OutputBuffer(sink)
  switch (style.format, shape) {
  case (.table, .many) where !style.expanded: return TableRenderer(columns, style, buffer)
  case (.table, _): return RecordRenderer(columns, style, buffer)
  case (.plain, _): return PlainRenderer(buffer)
  case (.json, _): return JSONRenderer(columns, shape, buffer)
  case (.jsonl, _): return JSONLinesRenderer(columns, buffer)
  case (.csv, _): return CSVRenderer(columns, isTerminal: style.width != nil, buffer)
  case (.yaml, _): return YAMLRenderer(columns, shape, buffer)
  case (.name, _): return NameRenderer(style.nameIndex(of: columns), buffer)
  }
}
