import Postgres

/// A group of exercises.
public struct ExerciseGroup: Sendable, RowDecodable {
  public let id: Int64
  public let name: String

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    name = try cells.next()
  }
}

/// The groups that exercises stand in.
public struct Groups: Sendable {
  private let database: any Querying
  private let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  public static let listing = Listing(
    from: "exercise_group g", order: ["id"], searched: [.number("g.id"), .containing("g.name")],
    [
      .init("id", .int, "g.id", indexed: "g.id"),
      .init("name", .text, "g.name"),
      .init(
        "exercises", .int, "(SELECT count(*) FROM exercise e WHERE e.exercise_group = g.id)"),
    ])

  public static func condition(id: Int64) -> Condition {
    Condition("g.id = ?::bigint", .int(id))
  }

  /// The group that an id or a name stands for.
  /// - Throws: `.notFound`.
  public func find(_ reference: String) async throws -> ExerciseGroup {
    let group = try await database.first(
      ExerciseGroup.self, Self.find, .int(Int64(reference)),
      .text(reference.trimmed.caseFoldedKey))
    guard let group else { throw Refusal.notFound("There is no exercise group “\(reference)”.") }
    return group
  }

  private static let find = Statement(
    """
    SELECT id, name FROM exercise_group
    WHERE id = $1::bigint OR name_key = $2 ORDER BY (id = $1::bigint) DESC LIMIT 1
    """)

  /// - Throws: `.taken`.
  public func create(_ name: String) async throws -> ExerciseGroup {
    let name = try CatalogueText.name(name)
    let rows = try await named(name) {
      try await database.run([
        Self.insert(.text(name), .text(name.caseFoldedKey)),
        Audit.record(.groupCreate, by: actor, on: name),
      ])
    }
    return try rows[0][0].decode(ExerciseGroup.self)
  }

  private static let insert = Statement(
    "INSERT INTO exercise_group (name, name_key) VALUES ($1, $2) RETURNING id, name", .writes)

  /// - Returns: whether anything changed.
  public func rename(_ group: ExerciseGroup, to name: String) async throws -> Bool {
    let name = try CatalogueText.name(name)
    guard name != group.name else { return false }
    _ = try await named(name) {
      try await database.run([
        Self.update(.int(group.id), .text(name), .text(name.caseFoldedKey)),
        Audit.record(
          .groupEdit, by: actor, on: group.name, before: [.init("name", .string(group.name))],
          after: [.init("name", .string(name))]),
      ])
    }
    return true
  }

  private static let update = Statement(
    "UPDATE exercise_group SET name = $2, name_key = $3 WHERE id = $1", .writes)

  /// - Throws: `.conflict` while an exercise stands in it.
  public func delete(_ group: ExerciseGroup) async throws {
    do {
      _ = try await database.run([
        Self.remove(.int(group.id)), Audit.record(.groupDelete, by: actor, on: group.name),
      ])
    } catch {
      guard error.sqlState == .foreignKeyViolation else { throw error }
      throw Refusal.conflict(
        "The group “\(group.name)” is in use. Move or delete its exercises first: havocctl "
          + "exercise list --group '\(group.name)'")
    }
  }

  private static let remove = Statement("DELETE FROM exercise_group WHERE id = $1", .writes)

  private func named<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value
  {
    do {
      return try await body()
    } catch let error as PostgresError {
      guard error.sqlState == .uniqueViolation else { throw error }
      throw Refusal.taken(FieldError("name", "A group named “\(name)” already exists."))
    }
  }
}
