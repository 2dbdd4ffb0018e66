import Postgres

extension SignIn {
  /// Opens a session for a user who has proved who they are.
  public func open(
    _ user: User, from origin: Origin, kinds: [CredentialKind]
  ) async throws -> Success {
    let (success, statements) = try await prepare(user, from: origin, kinds: kinds, rehash: nil)
    _ = try await database.run(statements)
    return success
  }

  /// A session and its credentials, and the statements that store them.
  func prepare(
    _ user: User, from origin: Origin, kinds: [CredentialKind], rehash: PasswordHash?
  ) async throws -> (Success, [BoundStatement]) {
    let session = UUID.random()
    let now = Timestamp.now
    let issuer = CredentialIssuer(
      keys: try await tools.keys.keyRing(database), lifetimes: tools.lifetimes, account: user.id,
      session: session, now: now)
    let credentials = kinds.map { issuer.issue($0) }
    let expires = credentials.map(\.expires).max() ?? now
    var statements = [
      Self.insertSession(
        .uuid(session), .int(user.id), .text(origin.dialect.rawValue), .text(origin.address),
        .text(origin.userAgent), .time(expires))
    ]
    statements += credentials.map(issuer.store)
    statements.append(Self.noteLogin(.int(user.id), .text(rehash?.text)))
    statements.append(
      Audit.record(
        .signIn, by: actor.named(user.username), on: user.username,
        after: [
          .init("session", .string(session.description)),
          .init("dialect", .string(origin.dialect.rawValue)),
        ]))
    return (Success(user: user, session: session, credentials: credentials), statements)
  }

  static let insertSession = Statement(
    """
    INSERT INTO session (id, account, dialect, address, user_agent, expires)
    VALUES ($1, $2, $3, $4, $5, $6)
    """, .writes)

  private static let noteLogin = Statement(
    """
    UPDATE account SET last_login = now(), password_hash = coalesce($2, password_hash)
    WHERE id = $1
    """, .writes)
}
