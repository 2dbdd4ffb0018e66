import Domain
import Postgres

/// `integers`: sets of integers, which people post and compute with.
enum IntegersOperations {
  static let all = [list, show, delete]

  private static let unitColumns = [
    Column("index", .int), Column("X", .int), Column("q", .int),
  ]

  private static let list = Operation(
    "integers", "list", "List sets of integers", options: [ModerationCommands.user],
    columns: Moderation.integers.columns, effect: .reads,
    examples: ["havocctl integers list --user ada --where 'units>1000'"]
  ) { invocation in
    try await invocation.list(
      Moderation.integers, try await ModerationCommands.conditions(.integers, invocation))
  }

  private static let show = Operation(
    "integers", "show", "Show the units of a set",
    details: "Nobody but its owner may read it otherwise, so the audit says who did.",
    arguments: [ModerationCommands.one(.integers)], columns: unitColumns, effect: .reads,
    isCommandLineOnly: true,
    examples: ["havocctl integers show 12 --where 'index<10'"]
  ) { invocation in
    let moderation = ModerationCommands.service(invocation)
    let item = try await moderation.find(.integers, invocation.arguments.text("ID"))
    try await moderation.noteReading(item)
    var reader = try await Integers(invocation.database).reader(of: item)
    let list = try await LocalList(invocation)
    while list.wantsMore, let block = try await reader.next()?.block {
      for position in 0..<block.count where list.wantsMore {
        let unit = block[position]
        try await list.row([.int(unit.index), .int(unit.x), .int(unit.q)])
      }
    }
    try await list.finish()
  }

  private static let delete = Operation(
    "integers", "delete", "Delete sets of integers",
    arguments: [ModerationCommands.many(.integers)],
    columns: ModerationCommands.changeColumns(.integers), effect: .destroys,
    examples: ["havocctl integers delete 12 --yes"]
  ) { try await ModerationCommands.delete(.integers, $0) }
}
