import Postgres

extension OAuth {
  /// Finds the account of a person who comes from the other service, or makes one.
  ///
  /// The person is known by the id there, never by name or address: both can be somebody else's
  /// here. Only a verified address links to an account that is there, and only where that is
  /// configured.
  public func account(for person: OAuthPerson, actor: Actor) async throws -> User {
    try await database.transaction { transaction in
      // Two browsers of one new person: the second waits and finds the first one's account.
      try await transaction.query(Self.lock, .text("\(provider) \(person.subject)"))
      if let user = try await transaction.first(
        User.self, Self.known, .text(provider), .text(person.subject))
      {
        return user
      }
      if settings.linksByEmail, person.isEmailVerified, let email = person.email,
        let user = try await transaction.first(
          User.self, Self.byEmail, .text(email.nfkc.trimmed.caseFoldedKey))
      {
        try await link(person, to: user, actor.named(user.username), transaction)
        return user
      }
      return try await make(person, actor, transaction)
    }
  }

  /// The service, as its identities are kept under: the host of its token endpoint.
  private var provider: String {
    let rest = settings.tokenURL.split(separator: "/", omittingEmptySubsequences: true)
    return rest.count > 1 ? String(rest[1]).lowercased() : settings.tokenURL
  }

  private func link(
    _ person: OAuthPerson, to user: User, _ actor: Actor, _ transaction: Transaction
  ) async throws {
    try await transaction.query(
      Self.link, .text(provider), .text(person.subject), .int(user.id))
    try await transaction.query(
      Audit.record(
        .oauthLink, by: actor, on: user.username,
        after: [
          .init("provider", .string(provider)), .init("subject", .string(person.subject)),
        ]))
  }

  private func make(
    _ person: OAuthPerson, _ actor: Actor, _ transaction: Transaction
  ) async throws -> User {
    var new = NewUser(username: try await freeName(like: person.username, transaction))
    // An address that belongs to an account here may be anybody's, so it isn't taken over.
    if let email = try? person.email.flatMap({ try EmailAddress.normalised($0) }) {
      let isTaken =
        try await transaction.first(User.self, Self.byEmail, .text(email.caseFoldedKey)) != nil
      new.email = isTaken ? nil : email
    }
    if let avatar = person.avatar, ProfileChanges.isWebAddress(avatar) { new.avatar = avatar }
    new.is42 = true
    let actor = actor.named(new.username)
    let user = try await Users(transaction, actor: actor).create(new, event: .signUp)
    try await link(person, to: user, actor, transaction)
    return user
  }

  /// The name itself, or with a number behind it where somebody has it.
  private func freeName(
    like wanted: String, _ transaction: Transaction
  ) async throws -> String {
    let base = (try? Username.normalised(wanted)) ?? "user"
    for number in 1...50 {
      let name = number == 1 ? base : "\(base.prefix(140))-\(number)"
      let rows = try await transaction.query(Self.byName, .text(name.caseFoldedKey))
      if rows.isEmpty { return name }
    }
    return "\(base.prefix(130))-\(Secrets.random(6).hex)"
  }

  private static let lock = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('oauth ' || $1, 0))", .writes)
  private static let known = Statement(
    """
    SELECT \(User.columns) FROM oauth_identity o JOIN account a ON a.id = o.account
    JOIN permission p ON p.code = a.permission WHERE o.provider = $1 AND o.subject = $2
    """, .writes)
  private static let byEmail = Statement(
    "SELECT \(User.columns) FROM \(User.source) WHERE a.email_key = $1", .writes)
  private static let byName = Statement(
    "SELECT FROM account WHERE username_key = $1", .writes)
  private static let link = Statement(
    """
    WITH linked AS (
      INSERT INTO oauth_identity (provider, subject, account) VALUES ($1, $2, $3))
    UPDATE account SET is_42 = true WHERE id = $3
    """, .writes)
}

extension SignIn {
  /// Opens a session for somebody whom another service knows.
  /// - Throws: `.unauthenticated`, `.forbidden`; `.incomplete` for an account with a second factor,
  ///   to which the other service would be a way around it.
  public func signIn(
    known user: User, from origin: Origin, kinds: [CredentialKind]
  ) async throws -> Success {
    if let (why, refusal) = Self.obstacle(user) {
      try await database.query(
        Audit.record(
          .signInFailed, by: actor.named(user.username), on: user.username, .refused,
          after: [.init("why", .string(why))]))
      throw refusal
    }
    guard user.deleted == nil else { throw Authenticator.rejected }
    guard !user.twoFactor else {
      throw Refusal.incomplete(
        FieldError(
          "code", "This account needs a code: sign in with its password and the code instead."))
    }
    return try await open(user, from: origin, kinds: kinds)
  }
}
