import Postgres

/// The exercise catalogue.
public struct Exercises: Sendable {
  let database: any Querying
  let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  // MARK: For requests

  /// The exercise with an id, behind who asks for it: one round trip.
  public static let byIDWithCaller = Statement.withCaller(
    """
    SELECT e.id, e.name, e.instructions, e.targeted_muscles, g.id AS group_id,
      g.name AS group_name FROM \(Exercise.source) WHERE e.id = $2::bigint
    """, columns: "q.*")

  /// The catalogue's version, behind who asks for it.
  public static let versionWithCaller = Statement.withCaller(
    "SELECT version FROM catalogue", columns: "q.version")

  private struct Versioned: RowDecodable {
    let version: UUID
    let exercise: Exercise?

    init(_ cells: inout Cells) throws(DecodingFailure) {
      version = try cells.next()
      exercise = cells.isNextNull ? nil : try cells.next(group: Exercise.self)
    }
  }

  /// Every exercise in order, and the version that they are: one statement, so one state.
  public func all() async throws -> (version: UUID, exercises: [Exercise]) {
    let rows = try await database.all(Versioned.self, Self.allWithVersion)
    guard let version = rows.first?.version else {
      throw PostgresError(.decoding, "the catalogue has no version", retry: .pointless)
    }
    return (version, rows.compactMap(\.exercise))
  }

  private static let allWithVersion = Statement(
    """
    SELECT v.version, \(Exercise.columns)
    FROM catalogue v LEFT JOIN (\(Exercise.source)) ON true ORDER BY e.id
    """)

  // MARK: For administrators

  public static let listing = Listing(
    from: Exercise.source, order: ["id"],
    searched: [.number("e.id"), .containing("e.name"), .containing("e.targeted_muscles")],
    [
      .init("id", .int, "e.id", indexed: "e.id"),
      .init("name", .text, "e.name"),
      .init("group", .text, "g.name"),
      .init("targeted_muscles", .text, "e.targeted_muscles"),
      .init("instructions", .text, "e.instructions", wide: true),
    ])

  public static func condition(id: Int64) -> Condition {
    Condition("e.id = ?::bigint", .int(id))
  }

  public static func condition(group: String) -> Condition {
    Condition("g.name_key = ?::text", .text(group.trimmed.caseFoldedKey))
  }

  /// The exercise that an id or a name stands for.
  /// - Throws: `.notFound`.
  public func find(_ reference: String) async throws -> Exercise {
    let exercise = try await database.first(
      Exercise.self, Self.find, .int(Int64(reference)), .text(reference.trimmed.caseFoldedKey))
    guard let exercise else { throw Refusal.notFound("There is no exercise “\(reference)”.") }
    return exercise
  }

  private static let find = Statement(
    """
    SELECT \(Exercise.columns) FROM \(Exercise.source)
    WHERE e.id = $1::bigint OR e.name_key = $2 ORDER BY (e.id = $1::bigint) DESC LIMIT 1
    """)

  /// - Parameter changes: with a name and a group.
  /// - Throws: `.taken` for the name, `.notFound` for the group.
  public func create(_ changes: ExerciseChanges) async throws -> Exercise {
    let name = try CatalogueText.name(changes.name ?? "")
    let group = try await Groups(database, actor: actor).find(changes.group ?? "")
    let rows = try await named(name) {
      try await database.run([
        Self.insert(
          .text(name), .text(name.caseFoldedKey), .int(group.id),
          .text(try CatalogueText.text(changes.instructions ?? "", field: "instructions")),
          .text(try CatalogueText.text(changes.targetedMuscles ?? "", field: "targeted_muscles"))),
        Audit.record(
          .exerciseCreate, by: actor, on: name, after: [.init("group", .string(group.name))]),
      ])
    }
    return try rows[0][0].decode(Exercise.self)
  }

  private static let insert = Statement(
    """
    WITH e AS (
      INSERT INTO exercise (name, name_key, exercise_group, instructions, targeted_muscles)
      VALUES ($1, $2, $3, $4, $5) RETURNING *
    ) SELECT \(Exercise.columns) FROM e JOIN exercise_group g ON g.id = e.exercise_group
    """, .writes)

  /// - Returns: the exercise as it is then, and whether anything changed.
  public func edit(
    _ exercise: Exercise, _ changes: ExerciseChanges
  ) async throws -> (exercise: Exercise, changed: Bool) {
    let name = try changes.name.map { try CatalogueText.name($0) } ?? exercise.name
    var groupID = exercise.groupID
    var groupName = exercise.groupName
    if let wanted = changes.group {
      let group = try await Groups(database, actor: actor).find(wanted)
      (groupID, groupName) = (group.id, group.name)
    }
    let instructions = try CatalogueText.text(
      changes.instructions ?? exercise.instructions, field: "instructions")
    let muscles = try CatalogueText.text(
      changes.targetedMuscles ?? exercise.targetedMuscles, field: "targeted_muscles")
    let fields: [(String, String, String)] = [
      ("name", exercise.name, name), ("group", exercise.groupName, groupName),
      ("instructions", exercise.instructions, instructions),
      ("targeted_muscles", exercise.targetedMuscles, muscles),
    ]
    let changed = fields.filter { $0.1 != $0.2 }
    guard !changed.isEmpty else { return (exercise, false) }
    let rows = try await named(name) {
      try await database.run([
        Self.update(
          .int(exercise.id), .text(name), .text(name.caseFoldedKey), .int(groupID),
          .text(instructions), .text(muscles)),
        Audit.record(
          .exerciseEdit, by: actor, on: exercise.name,
          before: changed.map { .init($0.0, .string($0.1)) },
          after: changed.map { .init($0.0, .string($0.2)) }),
      ])
    }
    guard let row = rows[0].first else { throw Refusal.notFound("The exercise is gone.") }
    return (try row.decode(Exercise.self), true)
  }

  private static let update = Statement(
    """
    WITH e AS (
      UPDATE exercise SET name = $2, name_key = $3, exercise_group = $4, instructions = $5,
        targeted_muscles = $6 WHERE id = $1 RETURNING *
    ) SELECT \(Exercise.columns) FROM e JOIN exercise_group g ON g.id = e.exercise_group
    """, .writes)

  public func delete(_ exercise: Exercise) async throws {
    _ = try await database.run([
      Self.remove(.int(exercise.id)),
      Audit.record(
        .exerciseDelete, by: actor, on: exercise.name,
        before: [.init("group", .string(exercise.groupName))]),
    ])
  }

  private static let remove = Statement("DELETE FROM exercise WHERE id = $1", .writes)

  private func named<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value
  {
    do {
      return try await body()
    } catch let error as PostgresError {
      guard error.sqlState == .uniqueViolation else { throw error }
      throw Refusal.taken(FieldError("name", "An exercise named “\(name)” already exists."))
    }
  }
}
