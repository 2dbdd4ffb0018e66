import Domain

/// What a JSON value looks like: as much of JSON Schema (2020-12) as the API needs.
///
/// An object's schema is a dictionary literal, so it stands beside what writes the object and looks
/// like it.
struct Schema: Sendable {
  indirect enum Kind: Sendable {
    case object([Property])
    /// Any names, all with such values.
    case map(Schema)
    case array(Schema, most: Int?)
    case string(Text)
    case integer(ClosedRange<Int64>)
    case boolean
    case null
    /// Nothing but this.
    case constant(JSON)
    case anyOf([Schema])
    /// One that stands under its name in the document, and is referred to.
    case component(String, Schema)
  }

  struct Property: Sendable {
    let name: String
    let schema: Schema
    var isRequired = true
  }

  /// What a text is.
  struct Text: Sendable {
    /// Characters.
    var lengths: ClosedRange<Int>?
    /// A regular expression (ECMA-262, with the flag `u`).
    var pattern: String?
    var format: String?
    /// Where the text isn't one, but a file or JSON.
    var mediaType: String?
  }

  var kind: Kind
  /// What it means, in a sentence or less.
  var about: String?
  var ownExample: JSON?
  /// Whether an object may have more than it says: what is asked may, what is answered hasn't.
  var isOpen = false
  /// Properties of an object of which at least one is there.
  var alternatives: [String] = []

  init(
    _ kind: Kind, about: String? = nil, example: JSON? = nil, alternatives: [String] = []
  ) {
    self.kind = kind
    self.about = about
    ownExample = example
    self.alternatives = alternatives
  }

  // MARK: Making

  static func string(
    _ lengths: ClosedRange<Int>? = nil, pattern: String? = nil, format: String? = nil,
    example: JSON? = nil
  ) -> Schema {
    Schema(.string(Text(lengths: lengths, pattern: pattern, format: format)), example: example)
  }

  static func integer(
    _ range: ClosedRange<Int64> = .min ... .max, example: JSON? = nil
  ) -> Schema {
    Schema(.integer(range), example: example)
  }

  static func array(_ element: Schema, most: Int? = nil) -> Schema {
    Schema(.array(element, most: most))
  }

  static func constant(_ value: JSON) -> Schema { Schema(.constant(value)) }
  static func map(_ value: Schema) -> Schema { Schema(.map(value)) }
  static func anyOf(_ choices: Schema...) -> Schema { Schema(.anyOf(choices)) }

  static func component(_ name: String, _ schema: Schema) -> Schema {
    Schema(.component(name, schema))
  }

  static let boolean = Schema(.boolean)
  static let null = Schema(.null)

  /// The same, or null.
  var orNull: Schema {
    if case .anyOf(let choices) = kind {
      return Schema(.anyOf(choices + [.null]), about: about, example: ownExample)
    }
    var inner = self
    inner.about = nil
    return Schema(.anyOf([inner, .null]), about: about, example: ownExample)
  }

  func about(_ text: String?) -> Schema {
    var copy = self
    copy.about = text ?? about
    return copy
  }

  func example(_ value: JSON) -> Schema {
    var copy = self
    copy.ownExample = value
    return copy
  }

  /// An object that may have more than it says.
  var open: Schema {
    var copy = self
    copy.isOpen = true
    return copy
  }
}

extension Schema: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral properties: (String, Schema)...) {
    self.init(.object(properties.map { Property(name: $0, schema: $1) }))
  }
}

// MARK: What recurs

extension Schema {
  /// What a table's rows are known by.
  static let id = integer(1...Int64.max, example: 7)
  static let count = integer(0...Int64.max, example: 3)
  static let text = string()
  static let date = string(format: "date", example: "1990-04-01")
  static let time = string(format: "date-time", example: "2026-01-02T03:04:05.678901Z")
  static let uuid = string(format: "uuid", example: "8d3c9f7e-0b6a-4f57-9d0e-2f3b8b1c6a55")
  static let username = string(example: "ann")
  static let jwt = string(
    pattern: "^[\\w-]+\\.[\\w-]+\\.[\\w-]+$",
    example: "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJ1c2VyX2lkIjo3fQ.c2lnbmF0dXJl")
  /// The device token.
  static let opaque = string(
    pattern: "^[0-9a-f]{40}$", example: "7faff8fe07ef93d56b99a6c7f9e94bfc07d2d3eb")
  static let userID = string(
    pattern: "^[0-9A-Fa-f]{40}$", example: "56ed72b87ca333f02ef5eaef99296194768c5488")
  static let sessionToken = string(
    pattern: "^[\\w-]{43}$", example: "m3Zk0o8ZQ4mXb1mC7pYl5bJx2r9TnUeWfAqHsDgKvLc")
}
