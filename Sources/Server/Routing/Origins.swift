import Domain

/// Pages of which other sites may use this server from a browser.
struct Origins: Sendable {
  private var allowed: Set<String> = []

  init() {}

  /// - Parameter text: origins such as `https://app.example.org`, with commas.
  /// - Throws: the part that isn't one.
  init(_ text: String) throws(MalformedSetting) {
    for part in text.split(separator: ",").map({ String($0).trimmed }) where !part.isEmpty {
      let isOrigin =
        ["https://", "http://"].contains { part.hasPrefix($0) }
        && part.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 2
      guard isOrigin else { throw MalformedSetting(part: part) }
      allowed.insert(part.lowercased())
    }
  }

  func allow(_ origin: String) -> Bool { allowed.contains(origin.lowercased()) }

  /// Whether a page of this origin may act here with a browser's cookies: this server's own, or one
  /// of the allowed.
  func trust(_ origin: String, _ request: Request) -> Bool {
    isOwn(origin, request) || allow(origin)
  }

  func isOwn(_ origin: String, _ request: Request) -> Bool {
    let scheme = request.client.isSecure ? "https" : "http"
    return origin.lowercased() == "\(scheme)://\(request.head.host ?? "")".lowercased()
  }

  // MARK: CORS (the Fetch standard, section 3.2)

  /// What an answer tells the browser, where the request comes from another site's page.
  func headers(for request: Request) -> [Response.Header] {
    guard !allowed.isEmpty, let origin = request.head.origin else { return [] }
    let vary = Response.Header("Vary", "Origin")
    guard allow(origin) else { return [vary] }
    return [
      vary, .init("Access-Control-Allow-Origin", origin),
      .init("Access-Control-Allow-Credentials", "true"),
      .init("Access-Control-Expose-Headers", "X-Request-ID, Link, ETag, Retry-After"),
    ]
  }

  /// What a preflight is answered besides.
  func preflight(_ request: Request, allow methods: String) -> [Response.Header] {
    guard let origin = request.head.origin, allow(origin) else { return [] }
    return [
      .init("Access-Control-Allow-Methods", methods),
      .init(
        "Access-Control-Allow-Headers", "Authorization, Content-Type, X-CSRFToken, Bearer"),
      .init("Access-Control-Max-Age", "600"),
    ]
  }
}
