import Postgres

/// Exchanging a refresh token for a new pair.
///
/// The old one is spent. Presented again within the grace it gets the very same pair, for a client
/// whose answer was lost; later than that somebody has a copy, and the whole session ends.
public struct Refresh: Sendable {
  /// Seconds after its exchange in which a refresh token may be repeated.
  static let grace = 10

  /// A pair, and whose it is.
  public struct Pair: Sendable {
    public let username: String
    public let access: String
    public let refresh: String
  }

  let database: any Querying
  let tools: SignIn.Tools
  let actor: Actor

  public init(_ database: any Querying, tools: SignIn.Tools, actor: Actor) {
    self.database = database
    self.tools = tools
    self.actor = actor
  }

  struct Stored: RowDecodable {
    let id: UUID
    let session: UUID
    let account: Int64
    let username: String
    let isSpent: Bool
    let isInGrace: Bool
    let successorAccess: UUID?
    let successorRefresh: UUID?

    init(_ cells: inout Cells) throws(DecodingFailure) {
      id = try cells.next()
      session = try cells.next()
      account = try cells.next()
      username = try cells.next()
      isSpent = try cells.next()
      isInGrace = try cells.next()
      successorAccess = try cells.next()
      successorRefresh = try cells.next()
    }
  }

  /// The session's row is locked, so that of two exchanges at once one comes second.
  private static let find = Statement(
    """
    SELECT c.id, s.id, a.id, a.username, c.spent IS NOT NULL,
      coalesce(c.spent > clock_timestamp() - interval '\(grace) seconds', false),
      c.successor_access, c.successor_refresh
    FROM credential c JOIN session s ON s.id = c.session JOIN account a ON a.id = s.account
    WHERE c.hash = $1 AND c.kind = 'refresh' AND c.revoked IS NULL AND c.expires > now()
      AND s.revoked IS NULL AND s.expires > now() AND a.deleted IS NULL
      AND NOT \(User.isLockedSQL) AND NOT \(User.isBannedSQL)
    FOR UPDATE OF s
    """, .writes)

  /// Locking first and reading then: a statement that waited for the lock would go on with the row
  /// as it was before.
  private static let lock = Statement(
    """
    SELECT s.id FROM credential c JOIN session s ON s.id = c.session
    WHERE c.hash = $1 FOR UPDATE OF s
    """, .writes)

  /// - Throws: `.unauthenticated`; a reuse's revocation is committed all the same.
  public func exchange(_ token: String) async throws -> Pair {
    let authenticator = Authenticator(database, keys: tools.keys)
    let hash = try await authenticator.verified(token, as: .refresh).hash
    let keys = try await tools.keys.keyRing(database)
    let pair = try await database.transaction { transaction -> Pair? in
      guard let stored = try await standing(hash, transaction) else { return nil }
      if !stored.isSpent { return try await rotate(stored, keys, transaction) }
      if stored.isInGrace, let pair = try await repeated(stored, keys, transaction) { return pair }
      try await revoke(stored, transaction)
      return nil
    }
    guard let pair else { throw Authenticator.rejected }
    return pair
  }

  /// What makes credentials for a session that there is.
  func issuer(_ keys: KeyRing, _ account: Int64, _ session: UUID) -> CredentialIssuer {
    CredentialIssuer(
      keys: keys, lifetimes: tools.lifetimes, account: account, session: session, now: .now)
  }

  /// A refresh token whose session stands, with the session's row locked.
  func standing(_ hash: [UInt8], _ transaction: Transaction) async throws -> Stored? {
    try await transaction.query(Self.lock, .bytes(hash))
    return try await transaction.first(Stored.self, Self.find, .bytes(hash))
  }

  private func rotate(
    _ stored: Stored, _ keys: KeyRing, _ transaction: Transaction
  ) async throws -> Pair {
    let issuer = issuer(keys, stored.account, stored.session)
    let access = issuer.issue(.access)
    let refresh = issuer.issue(.refresh)
    _ = try await transaction.run([
      issuer.store(access), issuer.store(refresh),
      Self.spend(.uuid(stored.id), .uuid(access.id), .uuid(refresh.id)),
      Self.extend(.uuid(stored.session), .time(refresh.expires)),
    ])
    return Pair(username: stored.username, access: access.text, refresh: refresh.text)
  }

  private static let spend = Statement(
    """
    UPDATE credential SET spent = clock_timestamp(), successor_access = $2, successor_refresh = $3
    WHERE id = $1
    """, .writes)
  static let extend = Statement(
    """
    UPDATE session SET last_seen = now(), expires = greatest(expires, $2) WHERE id = $1
    """, .writes)

  private struct Successor: RowDecodable {
    let kid: String?
    let created: Timestamp
    let expires: Timestamp

    init(_ cells: inout Cells) throws(DecodingFailure) {
      kid = try cells.next()
      created = try cells.next()
      expires = try cells.next()
    }
  }

  private static let successor = Statement(
    "SELECT kid, created, expires FROM credential WHERE id = $1")

  /// Signs the successors again from what is kept of them; nil where one is gone.
  private func repeated(
    _ stored: Stored, _ keys: KeyRing, _ transaction: Transaction
  ) async throws -> Pair? {
    func token(_ id: UUID?, _ type: TokenClaims.TokenType) async throws -> String? {
      guard let id,
        let kept = try await transaction.first(Successor.self, Self.successor, .uuid(id)),
        let key = kept.kid.flatMap(keys.key)
      else { return nil }
      return key.sign(
        TokenClaims(
          type: type, id: id, account: stored.account, session: stored.session,
          issued: kept.created.seconds, expires: kept.expires.seconds))
    }
    guard let access = try await token(stored.successorAccess, .access),
      let refresh = try await token(stored.successorRefresh, .refresh)
    else { return nil }
    return Pair(username: stored.username, access: access, refresh: refresh)
  }

  func revoke(_ stored: Stored, _ transaction: Transaction) async throws {
    _ = try await transaction.run([
      Sessions.revokeOne(.uuid(stored.session)),
      Audit.record(
        .tokenReuse, by: actor.named(stored.username), on: stored.username, .refused,
        after: [.init("session", .string(stored.session.description))]),
    ])
  }
}
