import Domain

/// The ways in which a request says who it is from.
enum SecurityScheme: String, CaseIterable {
  case bearer, jwt, token, cookie, csrf, socketToken

  var json: JSON {
    switch self {
    case .bearer:
      [
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "`Authorization: Bearer ACCESS`, with an access token.",
      ]
    case .jwt: Self.key("header", "Authorization", "`JWT ACCESS`, with an access token.")
    case .token: Self.key("header", "Authorization", "`Token OPAQUE`, with a device token.")
    case .cookie: Self.key("cookie", CookieName.session, "The cookie of a browser's session.")
    case .csrf:
      Self.key(
        "header", "X-CSRFToken",
        """
        The value of the cookie `\(CookieName.csrf)`, or the same as the form field \
        `csrfmiddlewaretoken`.
        """)
    case .socketToken:
      Self.key("query", "token", "An access, device or session token, for a browser's WebSocket.")
    }
  }

  private static func key(_ place: String, _ name: String, _ about: String) -> JSON {
    ["type": "apiKey", "in": .string(place), "name": .string(name), "description": .string(about)]
  }
}

extension Route {
  /// Every scheme is taken everywhere; one of them is enough.
  var security: JSON {
    guard access != .anyone else { return [] }
    var choices: [[SecurityScheme]] = [[.bearer], [.jwt], [.token]]
    choices.append(method == .get ? [.cookie] : [.cookie, .csrf])
    if isSocket { choices.append([.socketToken]) }
    if documentation.isProvedByBody { choices.append([]) }
    return .array(choices.map { .object($0.map { .init($0.rawValue, []) }) })
  }

  /// Who may call, in words.
  var callers: String {
    switch access {
    case .anyone: "Anyone."
    case .caller: "Whoever is signed in."
    case .admin: "Administrators."
    }
  }

  /// Whether it goes on as a WebSocket.
  var isSocket: Bool { documentation.answers.contains { $0.status == 101 } }
}
