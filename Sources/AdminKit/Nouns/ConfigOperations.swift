import Domain
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
    try await list(rows(invocation), invocation)
  }

  private static let check = Operation(
    "config", "check", "Read the configuration and say what is wrong with it", columns: columns,
    effect: .standsAlone, examples: ["havocctl config check --config ./havocctl.conf"]
  ) { invocation in
    // Reading it is the check: a fault would have ended the command before it came here.
    try await list(rows(invocation).filter { $0[2] != .text("default") }, invocation)
    let file = invocation.environment.configuration.file
    invocation.note(file.map { "\($0): no fault" } ?? "no configuration file; no fault")
  }

  private static func list(_ rows: [[Value]], _ invocation: Invocation) async throws {
    let list = try await LocalList(invocation)
    for row in rows { try await list.row(row) }
    try await list.finish()
  }

  private static func rows(_ invocation: Invocation) -> [[Value]] {
    Setting.all.map { setting in
      let entry = invocation.environment.configuration.entry(setting.key)
      let value = setting.isSecret && !entry.value.isEmpty ? "(hidden)" : entry.value
      return [.text(setting.key), .text(value), .text(entry.origin)]
    }
  }
}
