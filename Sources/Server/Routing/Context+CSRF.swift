import Domain

extension Context {
  /// Refuses a request that a page of another site may have made a browser send: one that changes
  /// something and has nothing but the browser's cookie to say who it is from. The rules are those
  /// of Django's middleware.
  /// - Throws: `.forbidden`.
  func checkForgery() throws(Refusal) {
    switch request.method {
    case .get, .head, .options, .query: return
    case .post, .put, .patch, .delete: break
    }
    let head = request.head
    if let origin = head.origin {
      guard services.settings.origins.trust(origin, request) else {
        throw Self.forged("Origin checking failed: it isn't a trusted one.")
      }
    } else if request.client.isSecure {
      try checkReferer(head.referer)
    }
    guard let cookie = head.cookie(CookieName.csrf) else {
      throw Self.forged("CSRF cookie not set.")
    }
    guard let token = head.csrfToken ?? form[Self.csrfField]?.string, !token.isEmpty else {
      throw Self.forged("CSRF token missing.")
    }
    guard Secrets.areEqual(token, cookie) else { throw Self.forged("CSRF token incorrect.") }
  }

  private static let csrfField = "csrfmiddlewaretoken"

  /// Through TLS every browser tells where it comes from, one way or the other.
  private func checkReferer(_ referer: String?) throws(Refusal) {
    guard let referer else { throw Self.forged("Referer checking failed: there is no Referer.") }
    // The scheme, two slashes, the host: up to the third slash.
    let parts = referer.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, services.settings.origins.trust("\(parts[0])//\(parts[2])", request)
    else {
      throw Self.forged("Referer checking failed: it isn't a trusted one.")
    }
  }

  private static func forged(_ why: String) -> Refusal { .forbidden("CSRF Failed: \(why)") }
}
