import Postgres

extension Refresh {
  /// A new access token for a refresh token that stays good.
  /// - Throws: `.unauthenticated`.
  public func access(_ token: String) async throws -> String {
    let authenticator = Authenticator(database, keys: tools.keys)
    let entry = try await authenticator.verified(token, as: .refresh)
    let keys = try await tools.keys.keyRing(database)
    return try await database.transaction { transaction in
      // The session's row stays locked until the token is stored, so that a revocation comes
      // before it or takes it along.
      let rows = try await transaction.query(Self.hold, .bytes(entry.hash))
      guard rows.affected == 1 else { throw Authenticator.rejected }
      let issuer = CredentialIssuer(
        keys: keys, lifetimes: tools.lifetimes, account: entry.claims.account,
        session: entry.claims.session, now: .now)
      let access = issuer.issue(.access)
      _ = try await transaction.run([
        issuer.store(access), Self.extend(.uuid(entry.claims.session), .time(access.expires)),
      ])
      return access.text
    }
  }

  private static let hold = Statement(
    """
    SELECT s.id FROM \(Caller.source)
    WHERE \(Caller.isValid) AND c.kind = 'refresh' AND NOT \(User.isBannedSQL) FOR UPDATE OF s
    """, .writes)

  /// A pair of tokens in the session that a caller is in, which is that of their device.
  public func pair(for caller: Caller) async throws -> Pair {
    let keys = try await tools.keys.keyRing(database)
    let issuer = CredentialIssuer(
      keys: keys, lifetimes: tools.lifetimes, account: caller.account, session: caller.session,
      now: .now)
    let access = issuer.issue(.access)
    let refresh = issuer.issue(.refresh)
    _ = try await database.run([
      issuer.store(access), issuer.store(refresh),
      Self.extend(.uuid(caller.session), .time(refresh.expires)),
      Audit.record(
        .tokenIssue, by: actor.named(caller.username), on: caller.username,
        after: [.init("session", .string(caller.session.description))]),
    ])
    return Pair(username: caller.username, access: access.text, refresh: refresh.text)
  }
}
