import Domain

/// The cookies that a browser keeps for this server.
enum CookieName {
  static let session = "sessionid"
  static let csrf = "csrftoken"
  static let oauth = "oauth_state"
  static let dashboard = "admin_session"
  static let dashboardCSRF = "admin_csrf"
}

extension Head {
  /// A cookie's value (RFC 6265, section 5.4); the first where a name stands twice, since that is
  /// the one with the longest path.
  func cookie(_ name: String) -> String? {
    guard let cookie else { return nil }
    for pair in cookie.utf8.split(separator: UInt8(ascii: ";")) {
      let pair = Self.trimmed(pair)
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
        Self.trimmed(pair[..<equals]).elementsEqual(name.utf8)
      else { continue }
      var value = Self.trimmed(pair[pair.index(after: equals)...])
      let quote = UInt8(ascii: "\"")
      if value.count > 1, value.first == quote, value.last == quote {
        value = value.dropFirst().dropLast()
      }
      return value.isEmpty ? nil : String(Substring(value))
    }
    return nil
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text = text.dropLast() }
    return text
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

/// The cookies that an answer gives or takes.
struct CookieJar {
  private let request: Request
  private let lifetime: Duration

  init(_ request: Request, _ services: Services) {
    self.request = request
    lifetime = services.tools.lifetimes.web
  }

  /// Those of a new web session. Its CSRF token is new as well: one that somebody planted before
  /// the sign-in is worth nothing then.
  func signedIn(_ token: String) -> [Response.Header] {
    [session(token, lifetime), csrf()]
  }

  /// Takes the session's cookie away.
  var signedOut: [Response.Header] {
    request.head.cookie(CookieName.session) == nil ? [] : [session("", .zero)]
  }

  /// What a client of a dialect with cookies is given where it has none yet. There is no session
  /// behind it until somebody signs in.
  func anonymous(besides given: [Response.Header]) -> [Response.Header] {
    var headers: [Response.Header] = []
    let isGiven = { (name: String) in given.contains { $0.value.hasPrefix(name + "=") } }
    if request.head.cookie(CookieName.session) == nil, !isGiven(CookieName.session) {
      headers.append(session(Secrets.token(), lifetime))
    }
    if request.head.cookie(CookieName.csrf) == nil, !isGiven(CookieName.csrf) {
      headers.append(csrf())
    }
    return headers
  }

  private func session(_ value: String, _ lifetime: Duration) -> Response.Header {
    .setCookie(
      CookieName.session, value, lifetime: lifetime, isReadable: false,
      isSecure: request.client.isSecure)
  }

  private func csrf() -> Response.Header {
    .setCookie(
      CookieName.csrf, Secrets.token(), lifetime: lifetime, isReadable: true,
      isSecure: request.client.isSecure)
  }
}

extension Context {
  var cookies: CookieJar { CookieJar(request, services) }
}
