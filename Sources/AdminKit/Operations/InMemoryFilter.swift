import Domain
import Glibc
import Postgres

/// `--where` on rows that don't come out of SQL.
struct InMemoryFilter {
  private let filters: [(column: Int, filter: Filter)]

  /// - Throws: where a filter names no column.
  init(_ columns: [Column], _ global: GlobalOptions) throws(Failure) {
    var filters: [(Int, Filter)] = []
    for filter in global.filters {
      guard let column = columns.firstIndex(where: { $0.key == filter.key }) else {
        let known = columns.map(\.key).joined(separator: ", ")
        throw Failure(
          .usage, "there is no column “\(filter.key)”", hint: "there are: \(known)")
      }
      filters.append((column, filter))
    }
    self.filters = filters
  }

  func accepts(_ row: [Value]) -> Bool {
    filters.allSatisfy { Self.accepts(row[$0.column], $0.filter) }
  }

  private static func accepts(_ value: Value, _ filter: Filter) -> Bool {
    if case .int(let number) = value, let wanted = Int64(filter.value) {
      switch filter.comparison {
      case .equal: return number == wanted
      case .notEqual: return number != wanted
      case .less: return number < wanted
      case .greater: return number > wanted
      case .matches: break
      }
    }
    let text = text(of: value)
    switch filter.comparison {
    case .equal: return text == filter.value
    case .notEqual: return text != filter.value
    case .less: return text < filter.value
    case .greater: return text > filter.value
    case .matches: return matches(text, filter.value)
    }
  }

  private static func text(of value: Value) -> String {
    switch value {
    case .null, .list: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .text(let value): value
    case .time(let value): value.rfc3339
    }
  }

  /// POSIX extended regular expressions (regex(7)).
  private static func matches(_ text: String, _ expression: String) -> Bool {
    var compiled = regex_t()
    guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return false }
    defer { regfree(&compiled) }
    return regexec(&compiled, text, 0, nil, 0) == 0
  }
}
