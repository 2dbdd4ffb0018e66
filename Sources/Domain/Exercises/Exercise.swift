import Postgres

/// One exercise of the catalogue.
public struct Exercise: Sendable, RowDecodable {
  public let id: Int64
  public let name: String
  public let instructions: String
  public let targetedMuscles: String
  public let groupID: Int64
  public let groupName: String

  /// What `init` reads, in its order, of `source`.
  static let columns = "e.id, e.name, e.instructions, e.targeted_muscles, g.id, g.name"
  static let source = "exercise e JOIN exercise_group g ON g.id = e.exercise_group"

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    name = try cells.next()
    instructions = try cells.next()
    targetedMuscles = try cells.next()
    groupID = try cells.next()
    groupName = try cells.next()
  }
}

/// What an exercise is to be; nil leaves a field as it is.
public struct ExerciseChanges: Sendable {
  public var name: String?
  public var group: String?
  public var instructions: String?
  public var targetedMuscles: String?

  public init() {}
}

/// What names and texts of the catalogue may be.
enum CatalogueText {
  static let longestName = 200
  static let longestText = 20_000

  /// Trimmed, and otherwise as it was written; names are compared by their NFKC.
  /// - Throws: `.invalid` under `field`.
  static func name(_ text: String, field: String = "name") throws(Refusal) -> String {
    let name = text.trimmed
    guard (1...longestName).contains(name.unicodeScalars.count) else {
      throw .invalid([FieldError(field, "A name has 1 to \(longestName) characters.")])
    }
    try check(name, field: field)
    return name
  }

  static func text(_ text: String, field: String) throws(Refusal) -> String {
    guard text.unicodeScalars.count <= longestText else {
      throw .invalid([FieldError(field, "This text may have at most \(longestText) characters.")])
    }
    try check(text, field: field)
    return text
  }

  /// PostgreSQL can't store NUL in a text.
  private static func check(_ text: String, field: String) throws(Refusal) {
    if text.containsNUL {
      throw .invalid([FieldError(field, "Null characters are not allowed.")])
    }
  }
}
