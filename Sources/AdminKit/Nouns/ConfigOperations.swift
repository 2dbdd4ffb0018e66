import Domain
import Glibc
import Postgres

/// `config`: the settings and where they come from.
enum ConfigOperations {
  static let all = [show, check]

  private static let columns = [
    Column("key", .text), Column("value", .text), Column("origin", .text),
  ]

  private static let show = Operation(
    "config", "show", "List every setting, its value and where it comes from", columns: columns,
    effect: .standsAlone, examples: ["havocctl config show --where origin!=default"]
  ) { invocation in
    try await list(invocation)
  }

  private static let check = Operation(
    "config", "check", "Read the configuration and say what is wrong with it", columns: columns,
    effect: .standsAlone, examples: ["havocctl config check --config ./havocctl.conf"]
  ) { invocation in
    // Reading it is the check: a fault would have ended the command before it came here.
    let file = invocation.environment.configuration.file
    invocation.note(file.map { "\($0): no fault" } ?? "no configuration file; no fault")
    try await invocation.begin(shape: .many)
    for row in rows(invocation) where row[2] != .text("default") {
      try await invocation.row(row)
    }
  }

  private static func list(_ invocation: Invocation) async throws {
    try await invocation.begin(shape: .many)
    for row in rows(invocation) where InMemoryFilter.accepts(row, columns, invocation.global) {
      try await invocation.row(row)
    }
  }

  private static func rows(_ invocation: Invocation) -> [[Value]] {
    Setting.all.map { setting in
      let entry = invocation.environment.configuration.entry(setting.key)
      let value = setting.isSecret && !entry.value.isEmpty ? "(hidden)" : entry.value
      return [.text(setting.key), .text(value), .text(entry.origin)]
    }
  }
}

/// `--where` on rows that don't come out of SQL.
enum InMemoryFilter {
  /// POSIX extended regular expressions (regex(7)).
  private static func matches(_ text: String, _ expression: String) -> Bool {
    var compiled = regex_t()
    guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return false }
    defer { regfree(&compiled) }
    return regexec(&compiled, text, 0, nil, 0) == 0
  }

  static func accepts(_ row: [Value], _ columns: [Column], _ global: GlobalOptions) -> Bool {
    global.filters.allSatisfy { filter in
      guard let index = columns.firstIndex(where: { $0.key == filter.key }) else { return false }
      let text: String
      switch row[index] {
      case .null: text = ""
      case .bool(let value): text = value ? "true" : "false"
      case .int(let value): text = String(value)
      case .text(let value): text = value
      case .time(let value): text = value.rfc3339
      case .list: text = ""
      }
      switch filter.comparison {
      case .equal: return text == filter.value
      case .notEqual: return text != filter.value
      case .less: return text < filter.value
      case .greater: return text > filter.value
      case .matches: return matches(text, filter.value)
      }
    }
  }
}
