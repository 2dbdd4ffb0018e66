import Domain

/// What a status of failure means wherever nothing else is said.
struct FailureKind: Sendable {
  let status: Int
  /// The name of the answer in the document.
  let name: String
  let about: String
  var headers: [AnswerHeader] = []
  /// Whether fields may be blamed.
  var mayBlameFields = false

  static let all: [FailureKind] = [
    FailureKind(
      status: 400, name: "Invalid", about: "Malformed, or not what it should be: which, and why.",
      mayBlameFields: true),
    FailureKind(
      status: 401, name: "Unauthenticated",
      about: "No credential, or none that stands; or a second factor's code is missing.",
      headers: [.authenticate], mayBlameFields: true),
    FailureKind(status: 403, name: "Forbidden", about: "Not permitted, or banned."),
    FailureKind(status: 404, name: "NotFound", about: "It isn't there."),
    FailureKind(
      status: 409, name: "Conflict", about: "Somebody has it already.", mayBlameFields: true),
    FailureKind(status: 413, name: "TooLarge", about: "The body is too large."),
    FailureKind(
      status: 415, name: "UnsupportedMediaType",
      about: "The body is neither JSON nor a form, or not in UTF-8."),
    FailureKind(
      status: 426, name: "UpgradeRequired", about: "A WebSocket is wanted here (RFC 6455).",
      headers: [.upgrade]),
    FailureKind(
      status: 429, name: "TooMany", about: "Tried too often, by account or by address.",
      headers: [.retryAfter]),
    FailureKind(
      status: 431, name: "HeadTooLarge",
      about: "Address and headers together are over \(HTTPLimits().head) bytes."),
    FailureKind(
      status: 500, name: "Fault", about: "A fault of the server's; its log has the cause."),
    FailureKind(
      status: 503, name: "Unavailable", about: "Too much at once, or the database is away.",
      headers: [.retryAfter]),
  ]

  static func of(_ status: Int) -> FailureKind? { all.first { $0.status == status } }
}

extension Route {
  /// The statuses of its failures, and why where that is special.
  var failures: [(status: Int, reason: String?)] {
    var found = documentation.failures
    func add(_ statuses: Int...) {
      for status in statuses where found[status] == nil { found[status] = .some(nil) }
    }
    add(403, 500, 503)
    if !parameters.isEmpty || hasBody || access != .anyone { add(400) }
    if access != .anyone { add(401) }
    if parameters.contains(where: { $0.place == .path }) { add(404) }
    if parameters.contains(where: { $0.place != .path }) { add(431) }
    if hasBody { add(413, 415) }
    let answered = documentation.answers.map(\.status)
    return found.filter { !answered.contains($0.key) }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}

extension Speech {
  /// The body of a failure.
  func schema(_ kind: FailureKind) -> Schema {
    guard dialect != .havoc else { return Self.havocFailure }
    return kind.mayBlameFields ? Self.fieldFailure : Self.detail
  }

  private static let havocFailure = Schema.component(
    "HavocFailure", ["status": .integer(400...599, example: 400), "data": .text.about("Why.")])

  private static let detail = Schema.component("Detail", ["detail": .text.about("Why.")])

  private static let sentences = Schema.array(.text)

  /// A field of an object stands under the object's name.
  static let fieldFailure = Schema.component(
    "Failure",
    .anyOf(
      detail,
      Schema.map(.anyOf(sentences, .map(sentences))).about("What is wrong with which fields.")))
}
