import Domain
import Postgres

/// `group`: the catalogue's groups.
enum GroupOperations {
  static let all = [list, create, edit, delete]

  private static let group = Argument("ID", .group, "an id or a name")

  private static let list = Operation(
    "group", "list", "List the groups", columns: Groups.listing.columns, effect: .reads,
    examples: ["havocctl group list --sort -exercises"]
  ) { try await $0.list(Groups.listing) }

  private static let create = Operation(
    "group", "create", "Make a group", arguments: [Argument("NAME", .text, "its name")],
    columns: Groups.listing.columns + [.changed], effect: .adds,
    examples: ["havocctl group create Kettlebells"]
  ) { invocation in
    let made = try await invocation.groups.create(invocation.arguments.text("NAME"))
    try await invocation.answerChange(
      Groups.listing, Groups.condition(id: made.id), changed: true)
  }

  private static let edit = Operation(
    "group", "edit", "Rename a group", arguments: [group],
    options: [Option("name", "NAME", .text, "its new name")],
    columns: Groups.listing.columns + [.changed], effect: .changes,
    examples: ["havocctl group edit 3 --name Cardio"]
  ) { invocation in
    let group = try await invocation.groups.find(invocation.arguments.text("ID"))
    var changed = false
    if let name = invocation.arguments.value("name") {
      changed = try await invocation.groups.rename(group, to: name)
    }
    try await invocation.answerChange(
      Groups.listing, Groups.condition(id: group.id), changed: changed)
  }

  private static let delete = Operation(
    "group", "delete", "Delete a group that no exercise stands in", arguments: [group],
    columns: [Column("id", .int), Column("name", .text), .changed], effect: .destroys,
    examples: ["havocctl group delete 3 --yes"]
  ) { invocation in
    let group = try await invocation.groups.find(invocation.arguments.text("ID"))
    try await invocation.groups.delete(group)
    try await invocation.begin(shape: .one)
    try await invocation.row([.int(group.id), .text(group.name), .bool(true)], changed: true)
  }
}
