import Postgres

extension Refresh {
  /// A new access token for a refresh token that stays good.
  /// - Throws: `.unauthenticated`.
  public func access(_ token: String) async throws -> String {
    let authenticator = Authenticator(database, keys: tools.keys)
    let entry = try await authenticator.verified(token, as: .refresh)
    let keys = try await tools.keys.keyRing(database)
    let text = try await database.transaction { transaction -> String? in
      // The session's row stays locked until the token is stored, so that a revocation comes
      // before it or takes it along.
      guard let stored = try await standing(entry.hash, transaction) else { return nil }
      guard !stored.isSpent else {
        // It was exchanged in a dialect that rotates: a repeat is as telling here.
        if !stored.isInGrace { try await revoke(stored, transaction) }
        return nil
      }
      let issuer = issuer(keys, stored.account, stored.session)
      let access = issuer.issue(.access)
      _ = try await transaction.run([
        issuer.store(access), Self.extend(.uuid(stored.session), .time(access.expires)),
      ])
      return access.text
    }
    guard let text else { throw Authenticator.rejected }
    return text
  }

  /// A pair of tokens in the session that a caller is in, which is that of their device.
  public func pair(for caller: Caller) async throws -> Pair {
    let keys = try await tools.keys.keyRing(database)
    let issuer = issuer(keys, caller.account, caller.session)
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
