import Domain
import Glibc
import Postgres

/// A list whose rows don't come out of SQL, filtered, sorted and cut off as every other.
final class LocalList {
  private let invocation: Invocation
  private let columns: [Column]
  private var filters: [(column: Int, filter: Filter)] = []
  private var order: [(column: Int, isDescending: Bool)] = []
  private var left: Int
  /// Rows that wait for the others, where they are sorted.
  private var held: [[Value]] = []

  /// - Throws: where an option names no column.
  init(_ invocation: Invocation, _ columns: [Column]? = nil) async throws {
    self.invocation = invocation
    self.columns = columns ?? invocation.operation.columns
    left = invocation.global.limit ?? .max
    for filter in invocation.global.filters {
      filters.append((try index(of: filter.key), filter))
    }
    for name in invocation.global.sort {
      let isDescending = name.hasPrefix("-")
      order.append((try index(of: isDescending ? String(name.dropFirst()) : name), isDescending))
    }
    try await invocation.begin(self.columns, shape: .many)
  }

  private func index(of name: String) throws(Failure) -> Int {
    guard let index = columns.firstIndex(where: { $0.key == name }) else {
      throw Failure(noColumn: name, among: columns)
    }
    return index
  }

  /// Whether there is use for another row.
  var wantsMore: Bool { left > 0 || !order.isEmpty }

  func row(_ values: [Value]) async throws {
    guard filters.allSatisfy({ Self.accepts(values[$0.column], $0.filter) }),
      isFound(values)
    else { return }
    if order.isEmpty { try await show(values) } else { held.append(values) }
  }

  private func isFound(_ values: [Value]) -> Bool {
    guard let search = invocation.global.search?.caseFoldedKey else { return true }
    return values.contains { Self.text(of: $0).caseFoldedKey.contains(search) }
  }

  private func show(_ values: [Value]) async throws {
    guard left > 0 else { return }
    left -= 1
    try await invocation.row(values)
  }

  /// Shows what waited.
  func finish() async throws {
    held.sort { a, b in
      for (column, isDescending) in order {
        let order = Self.order(a[column], b[column], isDescending: isDescending)
        if order != 0 { return order < 0 }
      }
      return false
    }
    for row in held { try await show(row) }
    held = []
  }

  /// Below zero where the first comes first; nulls come last, as from the database.
  private static func order(_ a: Value, _ b: Value, isDescending: Bool) -> Int {
    switch (a, b) {
    case (.null, .null): return 0
    case (.null, _): return 1
    case (_, .null): return -1
    default:
      let sign = isDescending ? -1 : 1
      if case (.int(let a), .int(let b)) = (a, b) { return sign * (a < b ? -1 : a > b ? 1 : 0) }
      let (a, b) = (text(of: a), text(of: b))
      return sign * (a < b ? -1 : a > b ? 1 : 0)
    }
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
