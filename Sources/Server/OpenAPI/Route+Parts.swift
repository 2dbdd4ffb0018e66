import Domain

/// What of a description follows from the route itself.
extension Route {
  /// As a client writes it: `/exercises/exercise/{id}/`.
  var template: String {
    let slash = path.hasSuffix("/") ? "/" : ""
    return "/"
      + segments.map { $0.parameter.map { "{\($0.name)}" } ?? $0.text }
      .joined(separator: "/") + slash
  }

  private var segments: [(text: String, parameter: RequestParameter?)] {
    path.split(separator: "/").map { (String($0), RequestParameter(segment: $0)) }
  }

  /// In the path, the query and the head; a GET takes its fields in the query.
  var parameters: [RequestParameter] {
    var all = segments.compactMap(\.parameter) + documentation.parameters
    guard !hasBody else { return all }
    for field in fields {
      all.append(
        RequestParameter(
          place: .query, name: field.name, about: field.about ?? "",
          schema: field.schema(in: .form).about(nil), isRequired: field.isRequired))
    }
    return all
  }

  /// Whether it is told to have a body; a GET has the same in its query.
  var hasBody: Bool { method != .get && !fields.isEmpty }

  /// The dialect's name, or that of what belongs to none.
  var tag: String { speech.dialect?.rawValue ?? "utilities" }

  var operationID: String { "\(tag)_\(documentation.name)" }
}

extension RequestParameter {
  /// - Parameter segment: of a route's path; nil where it stands for itself.
  init?(segment: Substring) {
    guard segment.hasPrefix("<"), let colon = segment.firstIndex(of: ":") else { return nil }
    let name = String(segment[segment.index(after: colon)...].dropLast())
    self.init(
      place: .path, name: name, about: Self.meanings[name] ?? "",
      schema: segment.hasPrefix("<int:")
        ? .integer(0...Int64.max, example: 7) : .string(1...255, example: "default.png"),
      isRequired: true)
  }

  /// What stands in paths.
  private static let meanings = [
    "convo_id": "A conversation's id.",
    "exercise_id": "An exercise's id.",
    "name": "A file's name.",
    "profile_id": "A profile's id, which is its account's.",
    "session_id": "A streaming session's id.",
    "tweet_id": "A tweet's id.",
  ]
}
