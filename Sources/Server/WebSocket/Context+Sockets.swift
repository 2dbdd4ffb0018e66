import Domain

extension Context {
  /// Who opens a socket: by a header, the query's `token`, a subprotocol, or the cookie.
  /// - Throws: `.unauthenticated`; `.forbidden` for who is banned, and for a page of another site.
  func caller(opening handshake: Handshake) async throws -> Caller {
    try checkOrigin()
    return try await caller(by: try socketCredential(handshake))
  }

  /// A browser always says which site its page is from.
  /// - Throws: `.forbidden`.
  func checkOrigin() throws(Refusal) {
    guard let origin = request.head.origin, !services.settings.origins.trust(origin, request) else {
      return
    }
    throw .forbidden("Origin checking failed: it isn't a trusted one.")
  }

  private func socketCredential(_ handshake: Handshake) throws(Refusal) -> PresentedCredential {
    let query = request.queryPairs?.first { $0.name == "token" }?.value
    if request.head.authorization == nil, let token = query ?? handshake.token {
      return PresentedCredential(token: token)
    }
    return try credential()
  }
}

extension PresentedCredential {
  /// A credential that comes without a word for what it is: each kind has a shape of its own.
  fileprivate init(token: String) {
    if token.contains(".") {
      self = .access(token)
    } else if token.utf8.count == 40 {
      self = .opaque(token)
    } else {
      self = .sessionToken(token, username: nil)
    }
  }
}
