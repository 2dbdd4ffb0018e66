import Domain

/// Makes exercises of a file's records, gathering faults instead of stopping at the first.
final class ExerciseReader {
  private var source: any RecordSource
  private var faults: [LineError] = []

  /// Faults that are listed.
  private static let limit = 20

  init(_ source: any RecordSource) { self.source = source }

  /// The next exercise that is as it should be; nil at the end of the file.
  func next() throws -> ImportedExercise? {
    while true {
      do {
        guard let record = try source.next() else { return nil }
        do {
          return try Self.exercise(record)
        } catch {
          try note(LineError(line: record.line, column: nil, message: error.message))
        }
      } catch let error as LineError {
        // What follows a fault in the file's own form can't be told apart any more.
        faults.append(error)
        try finish()
      }
    }
  }

  private func note(_ fault: LineError) throws {
    faults.append(fault)
    if faults.count >= Self.limit { try finish() }
  }

  /// - Throws: a failure that lists the faults, where there were any.
  func finish() throws {
    guard !faults.isEmpty else { return }
    let list = faults.map { "  " + $0.text }.joined(separator: "\n")
    throw Failure(.failed, "nothing was imported:\n\(list)", hint: "mend these and run it again")
  }

  private static func exercise(_ record: ImportedRecord) throws(Refusal) -> ImportedExercise {
    if record["primaryMuscles"] != nil { return try freeExerciseDB(record) }
    return try ImportedExercise(
      name: try text(record, "name"), group: try text(record, "group"),
      targetedMuscles: try text(record, "targeted_muscles", isRequired: false),
      instructions: try text(record, "instructions", isRequired: false))
  }

  /// The free-exercise-db's layout: the category is the group, the instructions are a list of
  /// steps, and the muscles are two lists of which the first matters more.
  private static func freeExerciseDB(_ record: ImportedRecord) throws(Refusal) -> ImportedExercise {
    let category = try text(record, "category")
    let muscles = try list(record, "primaryMuscles") + list(record, "secondaryMuscles")
    return try ImportedExercise(
      name: try text(record, "name"),
      group: category.prefix(1).uppercased() + category.dropFirst(),
      targetedMuscles: muscles.joined(separator: ", "),
      instructions: try list(record, "instructions").joined(separator: "\n"))
  }

  private static func text(
    _ record: ImportedRecord, _ name: String, isRequired: Bool = true
  ) throws(Refusal) -> String {
    switch record[name] {
    case .string(let text): return text
    case nil, .null:
      if isRequired { throw .invalid([FieldError(name, "This column is missing.")]) }
      return ""
    default: throw .invalid([FieldError(name, "Not a valid string.")])
    }
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
