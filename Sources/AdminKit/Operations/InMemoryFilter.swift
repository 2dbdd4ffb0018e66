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
        throw Failure(noColumn: filter.key, among: columns)
      }
      filters.append((column, filter))
    }
    self.filters = filters
  }

  func accepts(_ row: [Value]) -> Bool {
    filters.allSatisfy { Self.accepts(row[$0.column], $0.filter) }
  }

  private static func accepts(_ value: Value, _ filter: Filter) -> Bool {
    if filter.comparison == .matches { return matches(text(of: value), filter.value) }
    if case .int(let number) = value, let wanted = Int64(filter.value) {
      return compare(number, filter.comparison, wanted)
    }
    return compare(text(of: value), filter.comparison, filter.value)
  }

  private static func compare<Operand: Comparable>(
    _ a: Operand, _ comparison: Filter.Comparison, _ b: Operand
  ) -> Bool {
    switch comparison {
    case .equal, .matches: a == b
    case .notEqual: a != b
    case .less: a < b
    case .greater: a > b
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
