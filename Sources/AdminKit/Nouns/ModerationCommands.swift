import Domain
import Postgres

/// What `stream`, `conversation` and `tweet` do alike.
enum ModerationCommands {
  static let user = Option("user", "USER", .user, "only this account's")
  static func changeColumns(_ noun: Moderation.Noun) -> [Column] {
    [Column("id", noun == .stream ? .text : .int), .changed]
  }

  private static func names(_ noun: Moderation.Noun) -> LiveNames {
    switch noun {
    case .stream: .stream
    case .conversation: .conversation
    case .tweet: .tweet
    case .integers: .integers
    }
  }

  static func one(_ noun: Moderation.Noun) -> Argument {
    Argument(
      "ID", .live(names(noun)), noun == .stream ? "an id, or enough of its beginning" : "an id")
  }

  static func many(_ noun: Moderation.Noun) -> Argument {
    Argument(
      "ID", .live(names(noun)), .many,
      noun == .stream ? "ids or beginnings of ids; - reads them" : "ids; - reads them")
  }

  static func service(_ invocation: Invocation) -> Moderation {
    Moderation(invocation.database, actor: invocation.actor)
  }

  /// The conditions of `--user`.
  static func conditions(
    _ noun: Moderation.Noun, _ invocation: Invocation
  ) async throws -> [Condition] {
    guard let name = invocation.arguments.value("user") else { return [] }
    return [Moderation.condition(noun, user: try await invocation.users.find(name))]
  }

  static func show(
    _ noun: Moderation.Noun, _ listing: Listing, _ invocation: Invocation
  ) async throws {
    let item = try await service(invocation).find(noun, invocation.arguments.text("ID"))
    try await invocation.show(listing, [Moderation.condition(item)], missing: "It is gone.")
  }

  /// Does the same to each that is named.
  static func each(
    _ noun: Moderation.Noun, _ invocation: Invocation,
    _ change: (Moderation, Moderation.Item) async throws -> Bool
  ) async throws {
    let moderation = service(invocation)
    let items = try await invocation.named(
      "ID", id: { $0.id }, find: { try await moderation.find(noun, $0) })
    try await invocation.begin(changeColumns(noun), shape: .many)
    for item in items {
      let changed = try await change(moderation, item)
      let id = noun == .stream ? nil : Int64(item.id)
      try await invocation.row(
        [id.map { .int($0) } ?? .text(item.id), .bool(changed)], changed: changed)
    }
  }

  static func delete(_ noun: Moderation.Noun, _ invocation: Invocation) async throws {
    try await each(noun, invocation) { moderation, item in
      try await moderation.delete(item)
      return true
    }
  }
}
