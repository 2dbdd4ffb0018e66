import Domain

/// What a route says about itself beyond what it is: the rest of its description follows from the
/// route's method, path, fields and access.
struct Documentation: Sendable {
  /// Unique within its dialect, and kept stable: clients are generated from it. Empty for what is no
  /// part of the API.
  var name = ""
  /// A line.
  var summary = ""
  /// More about it, where there is more.
  var about: String?
  var answers: [Answer] = []
  /// Statuses of failures that don't follow from the route, with the reason where it is special.
  var failures: [Int: String?] = [:]
  /// In the query or in a header.
  var parameters: [RequestParameter] = []
  /// Fields of the body of which at least one is needed.
  var alternatives: [String] = []
  /// Whether a credential in the body is enough.
  var isProvedByBody = false
  /// A dialect that has it too.
  var isSharedWith: Dialect?
}

/// What a route answers.
struct Answer: Sendable {
  enum Content: Sendable {
    case none
    case json(Schema)
    /// Of other media types.
    case other([String], Schema)
  }

  let status: Int
  let about: String
  let content: Content
  var headers: [AnswerHeader] = []
  var links: [Link] = []

  /// Another operation that takes something of this answer.
  struct Link: Sendable {
    let operation: String
    let parameters: [JSON.Member]
    let body: JSON?
  }

  static func ok(_ schema: Schema, _ about: String = "Done.") -> Answer {
    Answer(status: 200, about: about, content: .json(schema))
  }

  static func created(_ schema: Schema, _ about: String = "Made.") -> Answer {
    Answer(status: 201, about: about, content: .json(schema))
  }

  static func noContent(_ about: String = "Done.") -> Answer {
    Answer(status: 204, about: about, content: .none)
  }

  static func empty(_ status: Int, _ about: String) -> Answer {
    Answer(status: status, about: about, content: .none)
  }

  func with(_ headers: AnswerHeader...) -> Answer {
    var copy = self
    copy.headers += headers
    return copy
  }

  /// - Parameters:
  ///   - operation: the id of the one that this leads to.
  ///   - parameters: its parameters and where in the answer they stand, as a JSON pointer.
  ///   - body: its body's fields, likewise.
  func leading(
    to operation: String, _ parameters: KeyValuePairs<String, String> = [:],
    body: KeyValuePairs<String, String> = [:]
  ) -> Answer {
    func expressions(_ pairs: KeyValuePairs<String, String>) -> [JSON.Member] {
      pairs.map { .init($0, .string("$response.body#/\($1)")) }
    }
    var copy = self
    copy.links.append(
      Link(
        operation: operation, parameters: expressions(parameters),
        body: body.isEmpty ? nil : .object(expressions(body))))
    return copy
  }
}

/// A header that answers have.
enum AnswerHeader: String, Sendable, CaseIterable {
  case requestID = "X-Request-ID"
  case authenticate = "WWW-Authenticate"
  case retryAfter = "Retry-After"
  case etag = "ETag"
  case link = "Link"
  case location = "Location"
  case cookies = "Set-Cookie"
  case upgrade = "Upgrade"

  var about: String {
    switch self {
    case .requestID: "The request's id, which stands in the server's log too."
    case .authenticate: "How to say who one is."
    case .retryAfter: "Seconds to wait."
    case .etag: "Stands for the content, to be sent back as `If-None-Match`."
    case .link: "Where the list goes on, as `<…>; rel=\"next\"`; without it this is the end."
    case .location: "Where to go."
    case .cookies: "`sessionid` and `csrftoken`, where the browser has none."
    case .upgrade: "The protocol: `websocket`."
    }
  }
}

/// A parameter in the path, the query or a header.
struct RequestParameter: Sendable {
  enum Place: String, Sendable { case path, query, header }

  let place: Place
  let name: String
  let about: String
  let schema: Schema
  var isRequired = false

  static func query(_ name: String, _ about: String, _ schema: Schema) -> RequestParameter {
    RequestParameter(place: .query, name: name, about: about, schema: schema)
  }

  static func header(
    _ name: String, _ about: String, _ schema: Schema, isRequired: Bool = false
  ) -> RequestParameter {
    RequestParameter(
      place: .header, name: name, about: about, schema: schema, isRequired: isRequired)
  }

  /// A list by id, part by part.
  static let page = [
    query(
      "limit", "Elements at the most; all where it isn't given.",
      .integer(1...Int64(Page.longest), example: 100)),
    query(
      "after", "Begins behind this one.", .integer(0...Int64.max, example: 0)),
  ]
  /// A list that has its newest first.
  static let newestPage = [
    query(
      "limit", "Elements at the most; \(NewestPage.usual) where it isn't given.",
      .integer(1...NewestPage.longest, example: 20)),
    query(
      "before", "Only those that are older than this one.",
      .integer(0...Int64.max, example: .int(.max))),
  ]
  static let ifNoneMatch = header(
    "If-None-Match", "The ETag of what one has; 304 while that is still so.",
    .string(example: "\"5f1c\""))
}

extension Route {
  /// The same endpoint, described.
  /// - Parameters:
  ///   - name: what it is called in its dialect.
  ///   - answers: those that aren't failures, and failures that look different from others.
  func documented(
    _ name: String, _ summary: String, _ answers: Answer..., about: String? = nil
  ) -> Route {
    describing {
      $0.name = name
      $0.summary = summary
      $0.about = about
      $0.answers = answers
    }
  }

  /// The same endpoint, described as one that goes on as a WebSocket.
  func socket(_ name: String, _ summary: String, _ about: String) -> Route {
    let handshake: [RequestParameter] = [
      .header("Connection", "As it stands here.", .constant("Upgrade"), isRequired: true),
      .header("Upgrade", "As it stands here.", .constant("websocket"), isRequired: true),
      .header("Sec-WebSocket-Version", "As it stands here.", .constant("13"), isRequired: true),
      .header(
        "Sec-WebSocket-Key", "16 random bytes in base64.",
        .string(
          pattern: "^[A-Za-z0-9+/]{21}[AQgw]==$", example: "dGhlIHNhbXBsZSBub25jZQ=="),
        isRequired: true),
    ]
    let opened = Answer(status: 101, about: "The socket is open.", content: .none)
    return documented(name, summary, opened.with(.upgrade), about: about)
      .asking(handshake).failing(404, 426)
  }

  /// The same endpoint, which fails with these statuses as well.
  func failing(_ statuses: Int...) -> Route {
    describing { for status in statuses { $0.failures[status] = .some(nil) } }
  }

  /// The same endpoint, which fails with this status for a reason of its own.
  func failing(_ status: Int, _ reason: String) -> Route {
    describing { $0.failures[status] = reason }
  }

  /// The same endpoint, with these in its query or head.
  func asking(_ parameters: [RequestParameter]) -> Route {
    describing { $0.parameters += parameters }
  }

  /// The same endpoint, for which one of these fields is needed.
  func needingOne(of fields: String...) -> Route { describing { $0.alternatives = fields } }

  /// The same endpoint, for which a credential in the body is enough.
  func provedByBody() -> Route { describing { $0.isProvedByBody = true } }

  /// The same endpoint, which another dialect has as well.
  func shared(with dialect: Dialect) -> Route { describing { $0.isSharedWith = dialect } }
}
