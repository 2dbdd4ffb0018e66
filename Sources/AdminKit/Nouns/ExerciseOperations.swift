import Domain
import Postgres

/// `exercise`: the catalogue.
enum ExerciseOperations {
  static let all = [seed, list, show, create, edit, delete, importFile, export]

  private static let exercise = Argument("ID", .exercise, "an id or a name")
  private static let fieldOptions = [
    Option("group", "GROUP", .group, "a group's id or name"),
    Option("instructions", "TEXT", .prose, "how it is done"),
    Option("targeted-muscles", "NAMES", .text, "which muscles, the first most"),
  ]

  private static let seed = Operation(
    "exercise", "seed", "Install the built-in catalogue",
    details: "Run twice it changes nothing. Exercises of yours stay as they are.",
    columns: FileOptions.countColumns, effect: .adds, examples: ["havocctl exercise seed"]
  ) { invocation in
    let counts = try await invocation.database.transaction { transaction in
      try await ExerciseImport(transaction, actor: invocation.actor).seed()
    }
    try await FileOptions.answer(counts, invocation)
  }

  private static let list = Operation(
    "exercise", "list", "List exercises",
    options: [Option("group", "GROUP", .group, "only of this group")],
    columns: Exercises.listing.columns, effect: .reads,
    examples: ["havocctl exercise list --group Chest --where 'targeted_muscles~triceps'"]
  ) { invocation in
    var conditions: [Condition] = []
    if let group = invocation.arguments.value("group") {
      let found = try await invocation.groups.find(group)
      conditions.append(Exercises.condition(group: found.name))
    }
    try await invocation.list(Exercises.listing, conditions)
  }

  private static let show = Operation(
    "exercise", "show", "Show one exercise", arguments: [exercise],
    columns: Exercises.listing.columns, effect: .reads, examples: ["havocctl exercise show 12"]
  ) { invocation in
    let exercise = try await invocation.exercises.find(invocation.arguments.text("ID"))
    try await invocation.show(
      Exercises.listing, [Exercises.condition(id: exercise.id)], missing: "It is gone.")
  }

  private static func changes(_ arguments: Arguments) -> ExerciseChanges {
    var changes = ExerciseChanges()
    changes.name = arguments.value("name")
    changes.group = arguments.value("group")
    changes.instructions = arguments.value("instructions")
    changes.targetedMuscles = arguments.value("targeted-muscles")
    return changes
  }

  private static let create = Operation(
    "exercise", "create", "Make an exercise", arguments: [Argument("NAME", .text, "its name")],
    options: fieldOptions, columns: Exercises.listing.columns + [.changed], effect: .adds,
    examples: ["havocctl exercise create 'Box jump' --group Plyometrics"]
  ) { invocation in
    var wanted = changes(invocation.arguments)
    wanted.name = invocation.arguments.text("NAME")
    guard wanted.group != nil else {
      let why = "an exercise stands in a group: --group GROUP"
      throw Failure(
        .usage, why, hint: "havocctl group list", fault: FieldError("group", why.asSentence))
    }
    let made = try await invocation.exercises.create(wanted)
    try await invocation.answerChange(
      Exercises.listing, Exercises.condition(id: made.id), changed: true)
  }

  private static let edit = Operation(
    "exercise", "edit", "Change an exercise", arguments: [exercise],
    options: [Option("name", "NAME", .text, "its name")] + fieldOptions,
    columns: Exercises.listing.columns + [.changed], effect: .changes,
    examples: ["havocctl exercise edit 12 --group Core"]
  ) { invocation in
    let exercise = try await invocation.exercises.find(invocation.arguments.text("ID"))
    let (edited, changed) = try await invocation.exercises.edit(
      exercise, changes(invocation.arguments))
    try await invocation.answerChange(
      Exercises.listing, Exercises.condition(id: edited.id), changed: changed)
  }

  private static let delete = Operation(
    "exercise", "delete", "Delete exercises",
    arguments: [Argument("ID", .exercise, .many, "ids or names; - reads them")],
    columns: [Column("id", .int), Column("name", .text), .changed], effect: .destroys,
    examples: ["havocctl exercise delete 12 --yes"]
  ) { invocation in
    let found = try await invocation.named(
      "ID", id: { $0.id }, find: invocation.exercises.find)
    try await invocation.begin(shape: .many)
    for exercise in found {
      try await invocation.exercises.delete(exercise)
      try await invocation.row(
        [.int(exercise.id), .text(exercise.name), .bool(true)], changed: true)
    }
  }

  // MARK: Files

  private static let importFile = Operation(
    "exercise", "import", "Bring exercises in from a file, by name",
    details: """
      CSV with a header, a JSON array, or a JSON object a line, with the columns name, group,
      targeted_muscles and instructions; or the free-exercise-db's JSON. All or nothing: up to 20
      errors are listed by line and column.
      """,
    arguments: [FileOptions.input], options: [FileOptions.format, .continueOnError],
    columns: FileOptions.countColumns, effect: .adds,
    examples: ["havocctl exercise import exercises.csv --dry-run"]
  ) { invocation in
    let (counts, faults) = try await invocation.database.transaction { transaction in
      try await FileOptions.read(invocation, "exercises", make: ExerciseRecord.exercise) {
        _, next in
        try await ExerciseImport(transaction, actor: invocation.actor).run(next: next)
      }
    }
    try await FileOptions.answer(counts, faults: faults, invocation)
  }

  private static let export = Operation(
    "exercise", "export", "Write the exercises to a file that import reads",
    arguments: [FileOptions.output], options: [FileOptions.format],
    columns: ExportFile.exerciseColumns, effect: .reads,
    examples: ["havocctl exercise export exercises.csv"]
  ) { invocation in
    try await FileOptions.export(
      invocation, Exercises.listing, columns: ExportFile.exerciseColumns, "exercises")
  }
}
