import Domain

extension Route {
  /// Every schema that its description shows.
  var schemas: [Schema] {
    var all = parameters.map(\.schema)
    for case .json(let schema) in documentation.answers.map(\.content) {
      all.append(schema)
    }
    if hasBody { all += BodyEncoding.allCases.map { body(in: $0) } }
    return all + failures.compactMap { FailureKind.of($0.status).map(speech.schema) }
  }

  /// A body that it takes.
  func body(in encoding: BodyEncoding) -> Schema {
    let schema = fields.body(
      in: encoding, needingOne: documentation.alternatives)
    let ending =
      switch encoding {
      case .json: "Body"
      case .multipart where takesFiles: "Upload"
      case .form, .multipart: "Form"
      }
    return .component(
      operationID.split(separator: "_").map(\.capitalizedFirst).joined() + ending, schema)
  }

  /// The endpoint as the document has it.
  var operation: JSON {
    let tags = [tag] + (documentation.isSharedWith.map { [$0.rawValue] } ?? [])
    let about = [callers, documentation.about].compactMap(\.self).joined(separator: " ")
    let parameters = parameters.map(\.json)
    return .members([
      "tags": .array(tags.map { .string($0) }),
      "operationId": .string(operationID),
      "summary": .string(documentation.summary),
      "description": .string(about),
      "security": security,
      "parameters": parameters.isEmpty ? nil : .array(parameters),
      "requestBody": hasBody ? requestBody : nil,
      "responses": .object(
        documentation.answers.map { .init("\($0.status)", json(of: $0)) }
          + failures.map { .init("\($0.status)", failure($0.status, $0.reason)) }),
    ])
  }

  private var requestBody: JSON {
    let needsOne = !documentation.alternatives.isEmpty
    return [
      "required": .bool(needsOne || fields.contains(where: \.isRequired)),
      "content": .object(
        BodyEncoding.allCases.map { encoding in
          let schema = body(in: encoding)
          return .init(
            encoding.rawValue,
            .members([
              "schema": schema.json, "example": schema.example,
              "encoding": encoding == .multipart ? fileTypes : nil,
            ]))
        }),
    ]
  }

  private var files: [Field] {
    fields.filter { if case .textOrFile = $0.kind { true } else { false } }
  }

  private var takesFiles: Bool { !files.isEmpty }

  /// The media types of what is uploaded.
  private var fileTypes: JSON? {
    let types = JSON.string(Avatars.mediaTypes.joined(separator: ", "))
    return takesFiles ? .object(files.map { .init($0.name, ["contentType": types]) }) : nil
  }

  private func json(of answer: Answer) -> JSON {
    var headers = [.requestID] + answer.headers
    if parameters.contains(where: { $0.place == .query && $0.name == "limit" }) {
      headers.append(.link)
    }
    if givesCookies { headers.append(.cookies) }
    return .members([
      "description": .string(answer.about),
      "headers": AnswerHeader.references(headers),
      "content": answer.content.json,
      "links": answer.links.isEmpty
        ? nil : .object(answer.links.map { .init($0.operation, $0.json) }),
    ])
  }

  private func failure(_ status: Int, _ reason: String?) -> JSON {
    guard let kind = FailureKind.of(status) else { return ["description": "A failure."] }
    guard let reason else {
      return ["$ref": .string("#/components/responses/\(speech.name(of: kind))")]
    }
    return speech.response(kind, because: reason)
  }
}

extension Answer.Content {
  fileprivate var json: JSON? {
    switch self {
    case .none: nil
    case .json(let schema):
      [BodyEncoding.json.rawValue: ["schema": schema.json, "example": schema.example]]
    case .other(let types, let schema):
      .object(types.map { .init($0, ["schema": schema.json]) })
    }
  }
}

extension Answer.Link {
  fileprivate var json: JSON {
    .members([
      "operationId": .string(operation),
      "parameters": parameters.isEmpty ? nil : .object(parameters),
      "requestBody": body,
    ])
  }
}

extension RequestParameter {
  fileprivate var json: JSON {
    .members([
      "name": .string(name), "in": .string(place.rawValue), "description": .string(about),
      "required": isRequired ? true : nil, "schema": schema.json,
    ])
  }
}
