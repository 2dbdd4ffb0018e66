import Domain

extension Schema {
  /// What it is, in a few words.
  var words: String {
    switch kind {
    case .object, .map: "an object"
    case .array(let element, let most):
      "a list" + (most.map { " of at most \($0)" } ?? "") + ", each \(element.words)"
    case .string(let text): text.words
    case .integer(let range): "a whole number" + Self.limits(range)
    case .boolean: "true or false"
    case .null: "null"
    case .constant(let value): value.text
    case .anyOf(let choices): choices.map(\.words).joined(separator: ", or ")
    case .component(_, let schema): schema.words
    }
  }

  private static func limits(_ range: ClosedRange<Int64>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): " of 64 bits"
    case (let least, .max): " from \(least)"
    case (let least, let most): " from \(least) to \(most)"
    }
  }

  /// The properties of an object, or of the objects in a list.
  var properties: [Property] {
    switch kind {
    case .object(let properties): properties
    case .array(let element, _): element.properties
    case .component(_, let schema): schema.properties
    case .anyOf(let choices): choices.first { !$0.properties.isEmpty }?.properties ?? []
    case .map, .string, .integer, .boolean, .null, .constant: []
    }
  }

  /// What it means, said here or where it is named.
  var meaning: String? {
    if let about { return about }
    if case .component(_, let schema) = kind { return schema.meaning }
    return nil
  }
}

extension Schema.Text {
  fileprivate var words: String {
    if let mediaType { return mediaType == "application/json" ? "JSON" : "a text or a file" }
    switch format {
    case "date": return "a date"
    case "date-time": return "a time (RFC 3339)"
    case "uuid": return "a UUID"
    default: break
    }
    guard let lengths else { return "a text" }
    let least = lengths.lowerBound
    return least == 0
      ? "a text of at most \(lengths.upperBound) characters"
      : "a text of \(least) to \(lengths.upperBound) characters"
  }
}

extension JSON {
  /// As it is written.
  var text: String {
    var writer = JSONWriter()
    writer.value(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// As it is written for people: a line for each member and element, but for what is short.
  func pretty(indent: String = "") -> String {
    let line = text
    guard line.utf8.count > 60 else { return line }
    let inner = indent + "  "
    switch self {
    case .object(let members):
      let lines = members.map {
        "\(inner)\(JSON.string($0.name).text): \($0.value.pretty(indent: inner))"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    case .array(let elements):
      let lines = elements.map { inner + $0.pretty(indent: inner) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
    default: return line
    }
  }
}
