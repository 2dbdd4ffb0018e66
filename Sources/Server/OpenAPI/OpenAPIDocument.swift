import Domain

/// The description of the API (OpenAPI 3.1), made of the routes themselves.
struct OpenAPIDocument {
  let routes: [Route]

  static let version = "3.1.0"

  /// - Parameter routes: those that are part of the API.
  init(_ routes: [Route]) { self.routes = routes }

  var json: JSON {
    [
      "openapi": .string(Self.version),
      "info": [
        "title": "havocctl", "version": .string(Utilities.version),
        "summary": "Five REST services on one database",
        "description": .string(Self.about),
        "license": ["name": "MIT", "identifier": "MIT"],
      ],
      "servers": [["url": "/"]],
      "tags": .array(
        Self.tags.map { ["name": .string($0.name), "description": .string($0.about)] }),
      "paths": paths,
      "components": components,
    ]
  }

  static let about = """
    One account, one session, one credential underneath, whichever way of speaking is used. Every \
    endpoint takes every credential. Bodies are JSON, `application/x-www-form-urlencoded` or \
    `multipart/form-data`, also on GET and DELETE; there the same names are taken from the query as \
    well, but for credentials. A path is served with and without its last slash. Texts are trimmed, \
    names are normalised (NFKC), and no text holds NUL. Names that aren't known are passed over. \
    Every answer has `X-Request-ID`; another method is 405 with `Allow`.
    """

  static let tags: [(name: String, about: String)] = [
    ("integers", "Sets of integers with operations on them; device tokens, JWTs and cookies."),
    ("community", "A second factor by e-mail, friends, chat over WebSockets, OAuth."),
    (
      "havoc",
      "`username` and `session_token` in the body; `{\"status\", \"data\"}` in every answer."
    ),
    ("microblog", "Accounts with profiles, followers and tweets."),
    ("trainer", "The exercise catalogue, and streaming sessions over sockets."),
    ("utilities", "What belongs to no dialect."),
  ]

  private var paths: JSON {
    var found: [(template: String, operations: [JSON.Member])] = []
    for route in routes {
      let operation = JSON.Member(route.method.rawValue.lowercased(), route.operation)
      if let index = found.firstIndex(where: { $0.template == route.template }) {
        found[index].operations.append(operation)
      } else {
        found.append((route.template, [operation]))
      }
    }
    return .object(found.map { .init($0.template, .object($0.operations)) })
  }

  // MARK: Components

  private var components: JSON {
    var schemas: [String: Schema] = [:]
    for route in routes {
      for schema in route.schemas { schema.collectComponents(&schemas) }
    }
    return [
      "schemas": .object(
        schemas.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.json) }),
      "responses": .object(responses),
      "headers": .object(
        AnswerHeader.allCases.map { header in
          .init(
            header.rawValue,
            ["description": .string(header.about), "schema": ["type": "string"]])
        }),
      "securitySchemes": .object(
        SecurityScheme.allCases.map { .init($0.rawValue, $0.json) }),
    ]
  }

  /// The failures that routes share, in each way of speaking.
  private var responses: [JSON.Member] {
    var found: [String: JSON] = [:]
    for route in routes {
      for case (let status, nil) in route.failures {
        guard let kind = FailureKind.of(status) else { continue }
        found[route.speech.name(of: kind)] = route.speech.response(kind)
      }
    }
    return found.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
  }
}

extension Speech {
  /// What a failure's answer is called among the document's components.
  func name(of kind: FailureKind) -> String { (dialect == .havoc ? "Havoc" : "") + kind.name }

  func response(_ kind: FailureKind, because reason: String? = nil) -> JSON {
    let schema = schema(kind)
    return [
      "description": .string(reason ?? kind.about),
      "headers": AnswerHeader.references([.requestID] + kind.headers),
      "content": [
        BodyEncoding.json.rawValue: ["schema": schema.json, "example": example(kind, reason)]
      ],
    ]
  }

  private func example(_ kind: FailureKind, _ reason: String?) -> JSON {
    let why = JSON.string(reason ?? kind.about)
    return dialect == .havoc ? ["status": .int(Int64(kind.status)), "data": why] : ["detail": why]
  }
}

extension AnswerHeader {
  static func references(_ headers: [AnswerHeader]) -> JSON {
    .object(
      headers.map { .init($0.rawValue, ["$ref": .string("#/components/headers/\($0.rawValue)")]) })
  }
}
