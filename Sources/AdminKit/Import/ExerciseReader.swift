import Domain

/// Makes exercises of a file's records, gathering faults instead of stopping at the first.
final class ExerciseReader {
  private var source: any RecordSource
  private let continuesOnError: Bool
  /// The faults so far.
  private(set) var faults: [RecordError] = []
  private var isAtEnd = false

  /// Faults that are listed.
  static let limit = 20

  /// - Parameter continuesOnError: whether sound records are taken although others aren't.
  init(_ source: any RecordSource, continuesOnError: Bool) {
    self.source = source
    self.continuesOnError = continuesOnError
  }

  /// The next exercise that is as it should be; nil at the end of the file.
  /// - Throws: a failure that lists the faults, once there are enough of them.
  func next() throws -> ImportedExercise? {
    while !isAtEnd {
      do {
        guard let record = try source.next() else { break }
        if let exercise = try exercise(record) { return exercise }
      } catch let error as RecordError {
        try note(error)
      } catch let error as FileError {
        try note(error.fault)
        isAtEnd = true
      }
    }
    isAtEnd = true
    try finish()
    return nil
  }

  /// Nil for a record that won't do, after its fault was noted.
  private func exercise(_ record: ImportedRecord) throws -> ImportedExercise? {
    let refusal: Refusal
    do {
      return try Self.exercise(record)
    } catch {
      refusal = error
    }
    var column = record.column
    if case .invalid(let errors) = refusal, let field = errors.first?.field,
      let index = record.values.firstIndex(where: { $0.name == field }), column == 1
    {
      column = index + 1
    }
    try note(RecordError(line: record.line, column: column, message: refusal.message))
    return nil
  }

  private func note(_ fault: RecordError) throws {
    faults.append(fault)
    if faults.count >= Self.limit { try finish() }
  }

  private func finish() throws {
    guard !faults.isEmpty, !continuesOnError else { return }
    throw Failure(
      .failed, "nothing was imported:\n\(list)",
      hint: "mend these and run it again, or take the others with --continue-on-error")
  }

  /// The first faults, one a line.
  var list: String {
    faults.prefix(Self.limit).map { "  " + $0.text }.joined(separator: "\n")
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
