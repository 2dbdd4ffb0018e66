import Domain

/// `/oauth/authorize`, which is the way to the other service and the way back.
enum OAuthEndpoint {
  private static let path = "/oauth"

  /// What the other service sends one back with.
  static let parameters = ["code", "state", "error"].map {
    RequestParameter.query($0, "The other service's.", .string())
  }

  @Sendable static func authorize(_ context: Context) async throws -> Response {
    guard let oauth = context.services.oauth else {
      throw Refusal.notFound("No other service to sign in with is configured here.")
    }
    let query = context.request.queryPairs ?? []
    func value(_ name: String) -> String? {
      query.first { $0.name == name && !$0.value.isEmpty }?.value
    }
    let state = value("state")
    guard state != nil || value("code") != nil || value("error") != nil else {
      return try await depart(oauth, context)
    }
    let browser = context.request.head.cookie(CookieName.oauth)
    try await oauth.consume(state: state ?? "", browser: browser)
    guard let state, let browser, let code = value("code"), value("error") == nil else {
      throw Refusal.unauthenticated("The other service didn't let you in.")
    }
    let person = try await oauth.person(code: code, state: state, browser: browser)
    let user = try await oauth.account(for: person, actor: context.actor())
    let success = try await context.signIns.signIn(
      known: user, from: context.origin(.community), kinds: [.access, .refresh, .opaque])
    return CommunityDialect.signedIn(success).with(cookie("", .zero, context))
  }

  private static func depart(_ oauth: OAuth, _ context: Context) async throws -> Response {
    let departure = try await oauth.depart()
    return Response(
      302,
      headers: [
        .init("Location", departure.address), .init("Cache-Control", "no-store"),
        cookie(departure.browser, OAuth.stateLifetime, context),
      ])
  }

  private static func cookie(
    _ value: String, _ lifetime: Duration, _ context: Context
  ) -> Response.Header {
    .setCookie(
      CookieName.oauth, value, path: path, lifetime: lifetime, isReadable: false,
      isSecure: context.request.client.isSecure)
  }
}
