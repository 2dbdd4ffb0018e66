import Domain

/// What this dialect answers.
extension IntegersDialect {
  static let set = Schema.component("IntegerSet", setIn([:]))
  static let result = Schema.component(
    "IntegerResult", setIn(["equation": .string(example: "first_set+second_set")]))

  static let session = Schema.component(
    "IntegerSession",
    [
      "session_id": .text,
      "integer_sets": .array(["set_id": setName, "integers": .units]),
    ])

  private static let setName = Schema.string(pattern: SetName.pattern, example: "first_set")

  private static func setIn(_ more: Schema) -> Schema {
    guard case .object(let properties) = more.kind else { return more }
    let place: [Schema.Property] = [
      .init(name: "set_id", schema: setName), .init(name: "session_id", schema: .text),
    ]
    return Schema(.object(place + properties + [.init(name: "integers", schema: .units)]))
  }

  /// The name of a session; what isn't said is the caller's own.
  static let sessionName = Schema.string(
    0...Integers.longestSession, pattern: #"^\s*[^\u0000-\u001f\u007f-\u009f]*\s*$"#,
    example: "session_example")

  /// Where a set that was stored is.
  static let setPlace: KeyValuePairs = ["set_id": "set_id", "session_id": "session_id"]

  /// What an equation means.
  static let operation = """
    `+`, `-`, `*`, unary minus, parentheses and whole numbers over sets, position by position, on X \
    and q alike. An index that one side lacks counts as 0; a number stands for itself at every index \
    of the other side. The result is stored as a new set. Overflow, an unknown set, or what isn't an \
    equation: 400, naming index or column, and nothing is stored.
    """
}
