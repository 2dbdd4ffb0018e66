import Domain

/// How a body is written.
enum BodyEncoding: String, CaseIterable {
  case json = "application/json"
  case form = "application/x-www-form-urlencoded"
  case multipart = "multipart/form-data"
}

extension Field {
  /// What the field must be in such a body; what may be left out may be null in JSON.
  func schema(in encoding: BodyEncoding) -> Schema {
    let schema = (schema ?? kind.schema(in: encoding, isRequired: isRequired)).about(about)
    return isRequired || encoding != .json ? schema : schema.orNull
  }

  /// The properties that stand for the field: a form has those of an object beside the others.
  func properties(in encoding: BodyEncoding) -> [Schema.Property] {
    guard case .object(let fields) = kind, encoding != .json else {
      return [
        Schema.Property(name: name, schema: schema(in: encoding), isRequired: isRequired)
      ]
    }
    return fields.flatMap { $0.properties(in: encoding) }.map {
      Schema.Property(
        name: "\(name).\($0.name)", schema: $0.schema, isRequired: isRequired && $0.isRequired)
    }
  }
}

extension [Field] {
  /// What a body with these fields must be. Other names are passed over.
  func body(in encoding: BodyEncoding, needingOne alternatives: [String] = []) -> Schema {
    Schema(.object(flatMap { $0.properties(in: encoding) }), alternatives: alternatives).open
  }
}

extension Field.Kind {
  fileprivate func schema(in encoding: BodyEncoding, isRequired: Bool) -> Schema {
    switch self {
    case .text(let longest):
      isRequired
        ? .string(1...longest, pattern: Schema.notBlank) : .string(0...longest)
    case .secret(let longest): .secret(longest: longest)
    case .code:
      encoding == .json ? .anyOf(Schema.digits, .integer()) : Schema.digits
    case .textOrFile(let longest):
      encoding == .multipart
        ? Schema(.string(.init(mediaType: "application/octet-stream")))
        : .string(0...longest)
    case .boolean: .boolean
    case .integer: .integer()
    case .object(let fields): fields.body(in: encoding)
    case .sets(let kind):
      encoding == .json
        ? kind.schema
        : Schema(
          .string(.init(mediaType: "application/json")), example: .string(kind.schema.example.text))
    }
  }
}

extension Schema {
  /// Something other than white space is in it. Told from end to end, for what is told of a part of
  /// a text alone, some take for all of it.
  static let notBlank = #"^\s*\S[\s\S]*$"#

  /// What isn't looked at where no code is wanted, such as an empty one.
  fileprivate static let digits = string(example: "791983")

  /// A username that somebody gives.
  static let name = component(
    "Username",
    .string(Username.lengths, pattern: Username.pattern, example: "ann").about(
      "Letters, marks, digits, spaces and @ . + - _ '; without regard to case."))

  static let someName = string(1...1_024, pattern: notBlank, example: "ann")
  static let someAddress = string(1...1_024, pattern: notBlank, example: "ann@example.org")

  static let email = component(
    "EmailAddress", .string(pattern: EmailAddress.pattern, example: "ann@example.org"))

  /// A text that proves something, and is taken as it is.
  static func secret(longest: Int, like example: Schema? = nil) -> Schema {
    .string(1...longest, example: example?.example ?? "correct horse battery")
  }

  /// A password that somebody chooses: the rules that can be told of it alone.
  static let newPassword = component(
    "NewPassword",
    .string(
      PasswordRules.lengths, pattern: #"^[0-9]*[^0-9][\s\S]*$"#, example: "correct horse battery"
    ).about(
      """
      \(PasswordRules.lengths.lowerBound) to \(PasswordRules.lengths.upperBound) bytes, not digits \
      alone, not one's name or the first part of one's address, and none that is common.
      """))

  private static let bareUnit: Schema = [
    "index": .integer(0...Int64.max, example: 0).about("The position; no other unit has it."),
    "X": .integer(example: 1), "q": .integer(example: 1),
  ]

  /// A set's units, as they are answered and as they are asked for.
  static let units = array(component("IntegerUnit", bareUnit))
  fileprivate static let givenUnits = array(component("NewIntegerUnit", bareUnit.open))
}

extension SetUpload.Kind {
  fileprivate var schema: Schema {
    switch self {
    case .set: return .givenUnits
    case .session:
      let set: Schema = [
        "set_id": .string(pattern: SetName.pattern, example: "first_set"),
        "integers": .givenUnits,
      ]
      return .array(set.open, most: Integers.mostSets)
    }
  }
}
