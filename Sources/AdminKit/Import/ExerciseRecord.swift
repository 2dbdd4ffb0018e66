import Domain

/// A file's record as an exercise.
enum ExerciseRecord {
  static func exercise(_ record: ImportedRecord) throws(Refusal) -> ImportedExercise {
    if record["primaryMuscles"] != nil { return try freeExerciseDB(record) }
    return try ImportedExercise(
      name: try record.text("name"), group: try record.text("group"),
      targetedMuscles: try record.text("targeted_muscles", isRequired: false),
      instructions: try record.text("instructions", isRequired: false))
  }

  /// The free-exercise-db's layout: the category is the group, the instructions are a list of
  /// steps, and the muscles are two lists of which the first matters more.
  private static func freeExerciseDB(_ record: ImportedRecord) throws(Refusal) -> ImportedExercise {
    let category = try record.text("category")
    let muscles = try list(record, "primaryMuscles") + list(record, "secondaryMuscles")
    return try ImportedExercise(
      name: try record.text("name"),
      group: category.prefix(1).uppercased() + category.dropFirst(),
      targetedMuscles: muscles.joined(separator: ", "),
      instructions: try list(record, "instructions").joined(separator: "\n"))
  }

  private static func list(
    _ record: ImportedRecord, _ name: String
  ) throws(Refusal) -> [String] {
    guard let value = record[name] else { return [] }
    guard let elements = value.array else {
      throw .invalid([FieldError(name, "A list of texts is wanted.")])
    }
    var texts: [String] = []
    for element in elements {
      guard let text = element.string else {
        throw .invalid([FieldError(name, "A list of texts is wanted.")])
      }
      texts.append(text)
    }
    return texts
  }
}
