import Postgres

/// An exercise on its way into the catalogue.
public struct ImportedExercise: Sendable {
  public let name: String
  public let group: String
  public let targetedMuscles: String
  public let instructions: String

  /// - Throws: `.invalid` naming the column that won't do.
  public init(
    name: String, group: String, targetedMuscles: String, instructions: String
  ) throws(Refusal) {
    self.name = try CatalogueText.name(name)
    self.group = try CatalogueText.name(group, field: "group")
    self.targetedMuscles = try CatalogueText.text(targetedMuscles, field: "targeted_muscles")
    self.instructions = try CatalogueText.text(instructions, field: "instructions")
  }
}

/// Brings many exercises into the catalogue at once, by name: one that isn't there is added, one
/// that differs is changed, one that is the same is left alone.
public struct ExerciseImport: Sendable {
  private let transaction: Transaction
  private let actor: Actor

  public init(_ transaction: Transaction, actor: Actor) {
    self.transaction = transaction
    self.actor = actor
  }

  /// Bytes gathered before they go out.
  private static let chunk = 256 * 1_024

  /// Takes what `next` gives until that is nil. All or nothing: a throw leaves the catalogue as it
  /// was, when the transaction is rolled back.
  ///
  /// The rows go into a table of their own by COPY and from there in three statements into the
  /// catalogue, which is what makes a hundred thousand quick.
  public func run(next: () async throws -> ImportedExercise?) async throws -> ImportCounts {
    try await transaction.query(Self.makeTable)
    let total = try await transaction.copyIn(Self.copy) {
      var row = CopyText()
      while row.bytes.count < Self.chunk, let exercise = try await next() {
        row.append(exercise.name)
        row.append(exercise.name.caseFoldedKey)
        row.append(exercise.group)
        row.append(exercise.group.caseFoldedKey)
        row.append(exercise.targetedMuscles)
        row.append(exercise.instructions)
        row.endRow()
      }
      return row.bytes.isEmpty ? nil : row.bytes
    }
    // Without statistics the joins below would be planned for a thousand rows.
    try await transaction.query(.once("ANALYZE incoming (name_key, group_key)"))
    if try await transaction.query(Self.countNewGroups)[0].decode(Int.self) > 0 {
      try await transaction.query(Self.addGroups)
    }
    // A statement that touches no row would give the catalogue a new version all the same.
    let differs = try await transaction.query(Self.countDifferent)[0].decode(Int.self) > 0
    let changed = differs ? try await transaction.query(Self.change).affected : 0
    let isNew = try await transaction.query(Self.countNew)[0].decode(Int.self) > 0
    let added = isNew ? try await add() : 0
    let counts = ImportCounts(added: added, changed: changed, unchanged: total - added - changed)
    if added + changed > 0 {
      try await transaction.query(
        Audit.record(
          .exerciseImport, by: actor, on: nil,
          after: [
            .init("added", .int(Int64(added))), .init("changed", .int(Int64(changed))),
          ]))
    }
    try await transaction.query(.once("DROP TABLE incoming"))
    return counts
  }

  /// A name that comes twice is looked for only when the index has found that there is one.
  private func add() async throws -> Int {
    do {
      return try await transaction.transaction { try await $0.query(Self.add).affected }
    } catch let error as PostgresError {
      if error.sqlState == .uniqueViolation { try await refuseDoubles() }
      throw error
    }
  }

  private func refuseDoubles() async throws {
    let rows = try await transaction.query(
      .once("SELECT min(name) FROM incoming GROUP BY name_key HAVING count(*) > 1 LIMIT 5"))
    guard !rows.isEmpty else { return }
    let names = try rows.map { row throws(PostgresError) in "“\(try row.decode(String.self))”" }
    throw Refusal.invalid([
      FieldError("name", "The import names an exercise twice: \(names.joined(separator: ", ")).")
    ])
  }

  private static let makeTable = Statement.once(
    """
    CREATE TEMPORARY TABLE incoming (name text, name_key text, group_name text, group_key text,
      targeted_muscles text, instructions text) ON COMMIT DROP
    """)
  private static let copy = """
    COPY incoming (name, name_key, group_name, group_key, targeted_muscles, instructions) FROM STDIN
    """
  private static let isNewGroup =
    "NOT EXISTS (SELECT FROM exercise_group g WHERE g.name_key = group_key)"
  private static let isNew = "NOT EXISTS (SELECT FROM exercise e WHERE e.name_key = i.name_key)"
  private static let isDifferent = """
    e.name_key = i.name_key
      AND (e.name, e.exercise_group, e.targeted_muscles, e.instructions)
        IS DISTINCT FROM (i.name, g.id, i.targeted_muscles, i.instructions)
    """
  private static let countNewGroups = Statement.once(
    "SELECT count(*) FROM incoming WHERE \(isNewGroup)")
  private static let countNew = Statement.once(
    "SELECT count(*) FROM (SELECT FROM incoming i WHERE \(isNew) LIMIT 1) n")
  private static let countDifferent = Statement.once(
    """
    SELECT count(*) FROM (
      SELECT FROM exercise e, incoming i JOIN exercise_group g ON g.name_key = i.group_key
      WHERE \(isDifferent) LIMIT 1) n
    """)
  private static let addGroups = Statement.once(
    """
    INSERT INTO exercise_group (name, name_key)
    SELECT DISTINCT ON (group_key) group_name, group_key FROM incoming
    WHERE \(isNewGroup)
    ORDER BY group_key
    """)
  private static let change = Statement.once(
    """
    UPDATE exercise e SET name = i.name, exercise_group = g.id,
      targeted_muscles = i.targeted_muscles, instructions = i.instructions
    FROM incoming i JOIN exercise_group g ON g.name_key = i.group_key
    WHERE \(isDifferent)
    """)
  private static let add = Statement.once(
    """
    INSERT INTO exercise (name, name_key, exercise_group, targeted_muscles, instructions)
    SELECT i.name, i.name_key, g.id, i.targeted_muscles, i.instructions
    FROM incoming i JOIN exercise_group g ON g.name_key = i.group_key
    WHERE \(isNew)
    """)

  /// Brings the built-in catalogue in.
  public func seed() async throws -> ImportCounts {
    var exercises = try Catalogue.groups.flatMap { group in
      try group.exercises.map { exercise in
        try ImportedExercise(
          name: exercise.name, group: group.name,
          targetedMuscles: exercise.targetedMuscles.joined(separator: ", "),
          instructions: exercise.instructions)
      }
    }[...]
    return try await run { exercises.popFirst() }
  }
}
