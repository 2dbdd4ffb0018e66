import Domain

/// The cookies that a browser keeps for this server.
enum CookieName {
  static let session = "sessionid"
  static let csrf = "csrftoken"
  static let oauth = "oauth_state"
}

extension Head {
  /// A cookie's value (RFC 6265, section 5.4); the first where a name stands twice, since that is
  /// the one with the longest path.
  func cookie(_ name: String) -> String? {
    guard let cookie else { return nil }
    for pair in cookie.split(separator: ";") {
      guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      guard String(pair[..<equals]).trimmed == name else { continue }
      var value = String(pair[pair.utf8.index(after: equals)...]).trimmed
      if value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count > 1 {
        value = String(value.dropFirst().dropLast())
      }
      return value.isEmpty ? nil : value
    }
    return nil
  }
}

extension Response.Header {
  /// A Set-Cookie header (RFC 6265, section 4.1).
  /// - Parameters:
  ///   - value: without characters that would need a quote; empty to take the cookie away.
  ///   - lifetime: nil for as long as the browser runs.
  static func setCookie(
    _ name: String, _ value: String, path: String = "/", lifetime: Duration?, isReadable: Bool,
    isSecure: Bool
  ) -> Response.Header {
    var text = "\(name)=\(value); Path=\(path); SameSite=Lax"
    if let lifetime { text += "; Max-Age=\(lifetime.components.seconds)" }
    if !isReadable { text += "; HttpOnly" }
    if isSecure { text += "; Secure" }
    return Response.Header("Set-Cookie", text)
  }
}

extension Context {
  /// The cookies of a new web session. Its CSRF token is new as well: one that somebody planted
  /// before the sign-in is worth nothing then.
  func signInCookies(_ token: String) -> [Response.Header] {
    let lifetime = services.tools.lifetimes.web
    return [
      sessionCookie(token, lifetime), csrfCookie(Self.randomToken(), lifetime),
    ]
  }

  /// Takes the session's cookie away.
  var signOutCookies: [Response.Header] {
    request.head.cookie(CookieName.session) == nil ? [] : [sessionCookie("", .zero)]
  }

  /// What a client of a dialect with cookies is given where it has none yet. There is no session
  /// behind it until somebody signs in.
  func anonymousCookies(besides given: [Response.Header]) -> [Response.Header] {
    var headers: [Response.Header] = []
    let isGiven = { (name: String) in given.contains { $0.value.hasPrefix(name + "=") } }
    let head = request.head
    let lifetime = services.tools.lifetimes.web
    if head.cookie(CookieName.session) == nil, !isGiven(CookieName.session) {
      headers.append(sessionCookie(Self.randomToken(), lifetime))
    }
    if head.cookie(CookieName.csrf) == nil, !isGiven(CookieName.csrf) {
      headers.append(csrfCookie(Self.randomToken(), lifetime))
    }
    return headers
  }

  private func sessionCookie(_ value: String, _ lifetime: Duration) -> Response.Header {
    .setCookie(
      CookieName.session, value, lifetime: lifetime, isReadable: false,
      isSecure: request.client.isSecure)
  }

  private func csrfCookie(_ value: String, _ lifetime: Duration) -> Response.Header {
    .setCookie(
      CookieName.csrf, value, lifetime: lifetime, isReadable: true,
      isSecure: request.client.isSecure)
  }

  static func randomToken() -> String {
    String(decoding: Base64URL.encode(Secrets.random(32)), as: UTF8.self)
  }
}
