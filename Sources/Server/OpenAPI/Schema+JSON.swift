import Domain

extension Schema {
  /// The schema as the document has it.
  var json: JSON {
    var members = keywords
    if let about { members.append(.init("description", .string(about))) }
    if let ownExample { members.append(.init("examples", .array([ownExample]))) }
    return .object(members)
  }

  private var keywords: [JSON.Member] {
    switch kind {
    case .object(let properties): object(properties)
    case .map(let value):
      [
        .init("type", "object"), .init("additionalProperties", value.json),
        .init("minProperties", 1),
      ]
    case .array(let element, let most):
      Self.members([
        "type": "array", "items": element.json, "maxItems": most.map { .int(Int64($0)) },
      ])
    case .string(let text):
      Self.members([
        "type": "string", "minLength": text.lengths.map { .int(Int64($0.lowerBound)) },
        "maxLength": text.lengths.map { .int(Int64($0.upperBound)) },
        "pattern": text.pattern.map { .string($0) }, "format": text.format.map { .string($0) },
        "contentMediaType": text.mediaType.map { .string($0) },
      ])
    case .integer(let range):
      [
        .init("type", "integer"), .init("format", "int64"),
        .init("minimum", .int(range.lowerBound)), .init("maximum", .int(range.upperBound)),
      ]
    case .boolean: [.init("type", "boolean")]
    case .null: [.init("type", "null")]
    case .constant(let value): [.init("const", value)]
    case .anyOf(let choices): Self.anyOf(choices)
    case .component(let name, _): [.init("$ref", "#/components/schemas/\(name)")]
    }
  }

  private static func members(_ pairs: KeyValuePairs<String, JSON?>) -> [JSON.Member] {
    pairs.compactMap { name, value in value.map { JSON.Member(name, $0) } }
  }

  private func object(_ properties: [Property]) -> [JSON.Member] {
    let required = properties.filter(\.isRequired).map { JSON.string($0.name) }
    let choices = alternatives.map { name -> JSON in
      // A null is as good as nothing.
      ["required": [.string(name)], "properties": [name: ["type": "string"]]]
    }
    return Self.members([
      "type": "object",
      "properties": .object(properties.map { .init($0.name, $0.schema.json) }),
      "required": required.isEmpty ? nil : .array(required),
      "anyOf": choices.isEmpty ? nil : .array(choices),
      "additionalProperties": isOpen ? nil : false,
    ])
  }

  /// A type or null is said shorter.
  private static func anyOf(_ choices: [Schema]) -> [JSON.Member] {
    if choices.count == 2, case .null = choices[1].kind {
      var members = choices[0].keywords
      if let type = members.firstIndex(where: { $0.name == "type" }) {
        members[type] = .init("type", [members[type].value, "null"])
        return members
      }
    }
    return [.init("anyOf", .array(choices.map(\.json)))]
  }

  // MARK: Examples

  /// A value that is so: put together from the parts' own.
  var example: JSON {
    if let ownExample { return ownExample }
    switch kind {
    case .object(let properties):
      return .object(properties.map { .init($0.name, $0.schema.example) })
    case .map(let value): return ["name": value.example]
    case .array(let element, _): return [element.example]
    case .string(let text): return text.format == "date" ? "1990-04-01" : "text"
    case .integer(let range): return .int(max(range.lowerBound, min(1, range.upperBound)))
    case .boolean: return true
    case .null: return .null
    case .constant(let value): return value
    case .anyOf(let choices): return choices.first?.example ?? .null
    case .component(_, let schema): return schema.example
    }
  }

  // MARK: Components

  /// The named schemas that this one refers to, and those that these refer to.
  func collectComponents(_ found: inout [String: Schema]) {
    switch kind {
    case .object(let properties):
      for property in properties { property.schema.collectComponents(&found) }
    case .map(let inner), .array(let inner, _): inner.collectComponents(&found)
    case .anyOf(let choices): for choice in choices { choice.collectComponents(&found) }
    case .component(let name, let schema):
      if found.updateValue(schema, forKey: name) == nil { schema.collectComponents(&found) }
    case .string, .integer, .boolean, .null, .constant: break
    }
  }
}
