import Postgres

extension Sessions {
  /// What a beginning of an id stands for.
  public enum Noun: Sendable {
    case session, token

    var table: String { self == .session ? "session" : "credential" }
    /// From a row of the table, called `gone`, to its account.
    var joinAccount: String {
      self == .session
        ? "JOIN account a ON a.id = gone.account"
        : "JOIN session s ON s.id = gone.session JOIN account a ON a.id = s.account"
    }
    var word: String { self == .session ? "session" : "token" }
  }

  /// The id that begins with the given hex digits.
  /// - Throws: `.notFound`, or `.invalid` where several begin so.
  public func find(_ beginning: String, _ noun: Noun) async throws -> UUID {
    try await database.id(beginningWith: beginning, in: noun.table, called: noun.word)
  }

  /// Revokes the sessions (with all their tokens) or the tokens with these ids.
  /// - Returns: those that weren't revoked already.
  public func revoke(_ ids: [UUID], _ noun: Noun) async throws -> [UUID] {
    try await database.transaction { transaction in
      let update = Statement.once(
        """
        WITH gone AS (UPDATE \(noun.table) SET revoked = now()
          WHERE id = ANY ($1::uuid[]) AND revoked IS NULL RETURNING *)
        SELECT gone.id, a.username FROM gone \(noun.joinAccount)
        """)
      let rows = try await transaction.query(update, .texts(ids.map(\.description)))
      var revoked: [UUID] = []
      for row in rows {
        let (id, username) = try row.decode(UUID.self, String.self)
        revoked.append(id)
        try await transaction.query(
          Audit.record(
            noun == .session ? .sessionRevoke : .tokenRevoke, by: actor, on: username,
            after: [.init(noun.word, .string(id.description))]))
      }
      return revoked
    }
  }

  /// Removes what has been expired or revoked since before `before`, a batch at a time so that no
  /// lock is held for long.
  /// - Returns: how many were removed; fewer than `batch` when none is left.
  public func prune(_ noun: Noun, before: Timestamp, batch: Int) async throws -> Int {
    let remove = Statement.once(
      """
      DELETE FROM \(noun.table) WHERE id IN (
        SELECT id FROM \(noun.table) WHERE expires < $1 OR revoked < $1
        LIMIT $2 FOR UPDATE SKIP LOCKED)
      """)
    return try await database.query(remove, .time(before), .int(batch)).affected
  }

  /// How many `prune` would remove.
  public func countPrunable(_ noun: Noun, before: Timestamp) async throws -> Int {
    let count = Statement.once(
      "SELECT count(*) FROM \(noun.table) WHERE expires < $1 OR revoked < $1", .reads)
    return try await database.query(count, .time(before))[0].decode(Int.self)
  }

  /// Opens a session for a user without a password, on an administrator's word.
  /// - Parameter lifetime: nil for the kind's own.
  public func issue(
    _ kind: CredentialKind, to user: User, lifetime: Duration?, keys: SigningKeys,
    lifetimes: Lifetimes
  ) async throws -> IssuedCredential {
    let session = UUID.random()
    let issuer = CredentialIssuer(
      keys: try await keys.keyRing(database), lifetimes: lifetimes, account: user.id,
      session: session, now: .now)
    let credential = issuer.issue(kind, lifetime: lifetime)
    _ = try await database.run([
      SignIn.insertSession(
        .uuid(session), .int(user.id), .text(Dialect.cli.rawValue), .null, .null,
        .time(credential.expires)),
      issuer.store(credential),
      Audit.record(
        .tokenIssue, by: actor, on: user.username,
        after: [
          .init("kind", .string(kind.rawValue)), .init("session", .string(session.description)),
        ]),
    ])
    return credential
  }

  public static func condition(id: UUID, _ noun: Noun) -> Condition {
    Condition("\(noun == .session ? "s" : "c").id = ?::uuid", .uuid(id))
  }

  /// Notes when sessions and credentials were last seen; a server gathers them and tells at
  /// intervals, so that a request costs no write.
  public static func noteSeen(
    sessions: [UUID], credentials: [UUID], _ database: any Querying
  ) async throws {
    _ = try await database.run([
      seenSessions(.texts(sessions.map(\.description))),
      seenCredentials(.texts(credentials.map(\.description))),
    ])
  }

  private static let seenSessions = Statement(
    "UPDATE session SET last_seen = now() WHERE id = ANY ($1::uuid[])", .writes)
  private static let seenCredentials = Statement(
    "UPDATE credential SET last_used = now() WHERE id = ANY ($1::uuid[])", .writes)
}
