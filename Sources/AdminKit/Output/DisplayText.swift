import Domain
import Postgres

/// Escape sequences for what is put between values. Values never hold any.
enum Emphasis {
  static let bold = "\u{1B}[1m"
  static let dim = "\u{1B}[2m"
  static let off = "\u{1B}[0m"
}

extension Value {
  /// The value for a person's eyes; nothing in it moves a terminal.
  func displayed(_ escapes: DisplayEscapes) -> String {
    switch self {
    case .null: return "-"
    case .bool(let value): return value ? "yes" : "no"
    case .int(let value): return String(value)
    case .text(let text): return escapes.escaped(text)
    case .time(let time):
      var bytes: [UInt8] = []
      bytes.append(time: time, withFraction: false)
      return String(decoding: bytes, as: UTF8.self)
    case .list(let elements):
      return elements.map { $0.displayed(escapes) }.joined(separator: ", ")
    }
  }
}

/// A value as it stands in a table.
struct TableCell {
  let text: String
  /// Cells of the terminal.
  let width: Int
  let isNull: Bool

  init(text: String, width: Int, isNull: Bool = false) {
    self.text = text
    self.width = width
    self.isNull = isNull
  }

  /// - Parameter limit: more than that would never be shown, and isn't kept.
  init(_ value: Value, _ style: OutputStyle, limit: Int?) {
    let text = value.displayed(DisplayEscapes(newline: style.newlineMark))
    isNull = value == .null
    if let limit {
      (self.text, width) = TextWidth.fitted(text, to: limit, mark: style.cutMark)
    } else {
      self.text = text
      width = TextWidth.of(text)
    }
  }

  /// Cut to `limit` cells; a time to its date, which says more than a time that ends anywhere.
  func fitted(_ limit: Int, _ kind: Column.Kind, _ style: OutputStyle) -> TableCell {
    guard width > limit else { return self }
    if kind == .time, let end = text.firstIndex(of: "T") {
      let date = String(text[..<end])
      if date.utf8.count <= limit { return TableCell(text: date, width: date.utf8.count) }
    }
    let (text, width) = TextWidth.fitted(text, to: limit, mark: style.cutMark)
    return TableCell(text: text, width: width, isNull: isNull)
  }
}

extension [UInt8] {
  mutating func append(spaces count: Int) {
    append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
  }

  mutating func append(cell: TableCell, color: Bool) {
    guard color, cell.isNull else { return append(text: cell.text) }
    append(text: Emphasis.dim)
    append(text: cell.text)
    append(text: Emphasis.off)
  }
}
