import EventLoop
import Postgres

/// Signing in with a name and a password: always a new session.
public struct SignIn: Sendable {
  /// What a sign-in needs besides the database.
  public struct Tools: Sendable {
    public let hasher: PasswordHasher
    public let keys: SigningKeys
    public let lifetimes: Lifetimes

    public init(hasher: PasswordHasher, keys: SigningKeys, lifetimes: Lifetimes) {
      self.hasher = hasher
      self.keys = keys
      self.lifetimes = lifetimes
    }
  }

  /// A sign-in that succeeded.
  public struct Success: Sendable {
    public let user: User
    public let session: UUID
    public let credentials: [IssuedCredential]

    /// The text of the credential of that kind; there is one of each kind that was asked for.
    public func text(_ kind: CredentialKind) -> String {
      credentials.first { $0.kind == kind }?.text ?? ""
    }
  }

  private let database: any Querying
  private let tools: Tools
  private let actor: Actor

  public init(_ database: any Querying, tools: Tools, actor: Actor) {
    self.database = database
    self.tools = tools
    self.actor = actor
  }

  private struct Found: RowDecodable {
    let hash: String?
    let user: User

    init(_ cells: inout Cells) throws(DecodingFailure) {
      hash = try cells.next()
      user = try cells.next(group: User.self)
    }
  }

  /// Checks the password and opens a session with one credential of each kind.
  ///
  /// An unknown name, a wrong password and an account without one answer the same after the same
  /// work.
  /// - Throws: `.unauthenticated`, `.busy`.
  public func signIn(
    username: String, password: Password, from origin: Origin, kinds: [CredentialKind]
  ) async throws -> Success {
    let key = username.trimmed.caseFoldedKey
    let found = try await database.first(Found.self, Self.find, .text(key))
    let hash = found?.hash.map(PasswordHash.init(text:))
    let matches = try await tools.hasher.verify(password, hash)
    guard let found, let hash, matches, found.user.deleted == nil else {
      return try await fail(username, "wrong username or password", Self.wrongCredentials)
    }
    guard !found.user.isLocked else {
      return try await fail(
        username, "locked", .unauthenticated("This account is locked. Ask an administrator."))
    }
    return try await open(
      found.user, from: origin, kinds: kinds,
      rehash: try await rehash(password, hash))
  }

  private static let wrongCredentials = Refusal.unauthenticated(
    "No active account found with the given credentials")

  private static let find = Statement(
    """
    SELECT a.password_hash, \(User.columns) FROM \(User.source) WHERE a.username_key = $1
    """)

  /// The failure is on record before the caller hears of it.
  private func fail(
    _ username: String, _ why: String, _ refusal: Refusal
  ) async throws -> Success {
    try await database.query(
      Audit.record(
        .signInFailed, by: actor, on: String(username.prefix(150)), .failed,
        after: [.init("why", .string(why))]))
    throw refusal
  }

  /// A hash with today's parameters, where the stored one has others.
  private func rehash(_ password: Password, _ hash: PasswordHash) async throws -> PasswordHash? {
    guard hash.needsRehash(tools.hasher.parameters) else { return nil }
    return try await tools.hasher.hash(password)
  }

  /// Opens a session for a user who has proved who they are.
  public func open(
    _ user: User, from origin: Origin, kinds: [CredentialKind], rehash: PasswordHash? = nil
  ) async throws -> Success {
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
    _ = try await database.run(statements)
    return Success(user: user, session: session, credentials: credentials)
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
