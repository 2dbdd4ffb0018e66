import AdminKit
import Domain
import Postgres

/// Values as a page shows them.
enum Cells {
  private static let none: HTML = "<span class=\"none\" title=\"nothing\">–</span>"

  static func html(_ value: Value) -> HTML {
    switch value {
    case .null: none
    case .bool(let value): value ? "<span class=\"yes\">yes</span>" : "<span class=\"no\">no</span>"
    case .int(let number): "\(number)"
    case .text(let text): text.isEmpty ? none : "\(text)"
    case .time(let time): Self.time(time)
    case .list(let values): "\(values.map(FormField.text(of:)).joined(separator: ", "))"
    }
  }

  /// In UTC, to the second; the script adds how long ago that is.
  static func time(_ time: Timestamp) -> HTML {
    let text = time.rfc3339
    // 2026-01-02T03:04:05…
    return """
      <time datetime="\(text)">\(text.prefix(10)) \(text.dropFirst(11).prefix(8))</time>
      """
  }

  /// A column's name as a person reads it.
  static func title(_ column: Column) -> String {
    column.key.asTitle
  }

  static func css(_ column: Column) -> HTML {
    switch column.kind {
    case .int: " class=\"number\""
    case .time: " class=\"time\""
    default: ""
    }
  }

  /// A table of what an operation answered.
  /// - Parameter caption: what it is of.
  static func table(_ answer: CollectedAnswer, caption: String) -> HTML {
    guard !answer.rows.isEmpty else { return "<p class=\"none\">Nothing.</p>" }
    return """
      <div class="scroll" role="region" aria-label="\(caption)" tabindex="0"><table>
      <caption>\(caption)</caption>
      <thead><tr>\(answer.columns.map { "<th scope=\"col\"\(css($0))>\(title($0))</th>" as HTML })\
      </tr></thead>
      <tbody>
      \(answer.rows.map { row in
        let cells = zip(answer.columns, row).map { column, value in
          "<td\(css(column))>\(html(value))</td>" as HTML
        }
        return "<tr>\(cells)</tr>\n" as HTML
      })</tbody></table></div>
      """
  }

  /// One thing: a name and a value each.
  static func list(_ pairs: [(Column, HTML)]) -> HTML {
    """
    <dl class="thing">\(pairs.map { column, value in
      "<div><dt>\(title(column))</dt><dd>\(value)</dd></div>\n" as HTML
    })</dl>
    """
  }
}
