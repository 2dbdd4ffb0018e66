import EventLoop
import Postgres

/// Signing in with a name and a password, and a code where the account asks for one: always a new
/// session.
public struct SignIn: Sendable {
  /// What a sign-in needs besides the database.
  public struct Tools: Sendable {
    public let hasher: PasswordHasher
    public let keys: SigningKeys
    public let lifetimes: Lifetimes
    public let limits: Attempts.Limits

    public init(
      hasher: PasswordHasher, keys: SigningKeys, lifetimes: Lifetimes,
      limits: Attempts.Limits = Attempts.Limits()
    ) {
      self.hasher = hasher
      self.keys = keys
      self.lifetimes = lifetimes
      self.limits = limits
    }
  }

  /// What somebody who signs in gives.
  public struct Proof: Sendable {
    public let username: String
    public let password: Password
    /// The code that was mailed.
    public let code: String?

    public init(username: String, password: Password, code: String?) {
      self.username = username
      self.password = password
      self.code = code
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

  let database: any Querying
  let tools: Tools
  let actor: Actor

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

  /// Checks the proof and opens a session with one credential of each kind.
  ///
  /// An unknown name, a wrong password and an account without one answer the same after the same
  /// work. Failures are counted by account and by address; at the limit even the right password is
  /// refused, or guessing would go on.
  /// - Parameter admits: whether an account may sign in there at all.
  /// - Throws: `.unauthenticated`, `.incomplete` for a missing code, `.forbidden` for who is
  ///   banned, `.tooMany`, `.busy`.
  public func signIn(
    _ proof: Proof, from origin: Origin, kinds: [CredentialKind],
    admits: @Sendable (User) -> Bool = { _ in true }
  ) async throws -> Success {
    let attempts = Attempts(database, limits: tools.limits)
    let subjects = Attempts.subjects(username: proof.username, address: origin.address)
    do {
      try await attempts.check(.signIn, subjects)
    } catch let refusal as Refusal {
      try await record(proof, "too many attempts", .refused)
      throw refusal
    }
    let key = proof.username.trimmed.caseFoldedKey
    let found = try await database.first(Found.self, Self.find, .text(key))
    let hash = found?.hash.map(PasswordHash.init(text:))
    let matches = try await tools.hasher.verify(proof.password, hash)
    guard let found, let hash, matches, found.user.deleted == nil else {
      try await fail(proof, "wrong username or password", subjects)
      throw Self.wrongCredentials
    }
    if let (why, refusal) = Self.obstacle(found.user) {
      try await record(proof, why, .refused)
      throw refusal
    }
    guard admits(found.user) else {
      try await record(proof, "not permitted to sign in here", .refused)
      throw Refusal.forbidden("This account may not sign in here.")
    }
    if found.user.twoFactor { try await checkCode(proof, found.user, subjects) }
    let rehash = try await rehash(proof.password, hash)
    // Guesses that came together with this one may have been counted meanwhile.
    let (success, statements) = try await prepare(
      found.user, from: origin, kinds: kinds, rehash: rehash)
    _ = try await attempts.run(statements, .signIn, subjects)
    return success
  }

  private static let wrongCredentials = Refusal.unauthenticated(
    "No active account found with the given credentials")

  /// What keeps an account from being signed in to, whatever is given for it.
  static func obstacle(_ user: User) -> (why: String, refusal: Refusal)? {
    if user.isLocked {
      return ("locked", .unauthenticated("This account is locked. Ask an administrator."))
    }
    return user.isBanned ? ("banned", Authenticator.banned) : nil
  }

  private static let find = Statement(
    """
    SELECT a.password_hash, \(User.columns) FROM \(User.source) WHERE a.username_key = $1
    """)

  private func checkCode(_ proof: Proof, _ user: User, _ subjects: [String]) async throws {
    guard let code = proof.code, !code.trimmed.isEmpty else {
      throw Refusal.incomplete(
        FieldError("code", "This account needs the code that was sent by e-mail."))
    }
    let codes = LoginCodes(database, keys: tools.keys)
    guard try await codes.take(code.trimmed, of: user.id) else {
      try await fail(proof, "wrong code", subjects, event: .codeFailed)
      throw Self.wrongCredentials
    }
  }

  /// Counts a failure; it is on record before the caller hears of it.
  /// - Throws: `.tooMany` where the limit was reached meanwhile: what a guess beyond it was worth
  ///   isn't told.
  private func fail(
    _ proof: Proof, _ why: String, _ subjects: [String], event: Audit.Event = .signInFailed
  ) async throws {
    do {
      try await Attempts(database, limits: tools.limits).take(.signIn, subjects)
    } catch let refusal as Refusal {
      try await record(proof, "too many attempts", .refused)
      throw refusal
    }
    try await record(proof, why, .failed, event)
  }

  private func record(
    _ proof: Proof, _ why: String, _ outcome: Audit.Outcome, _ event: Audit.Event = .signInFailed
  ) async throws {
    try await database.query(
      Audit.record(
        event, by: actor, on: String(proof.username.prefix(150)), outcome,
        after: [.init("why", .string(why))]))
  }

  /// A hash with today's parameters, where the stored one has others.
  private func rehash(_ password: Password, _ hash: PasswordHash) async throws -> PasswordHash? {
    guard hash.needsRehash(tools.hasher.parameters) else { return nil }
    return try await tools.hasher.hash(password)
  }
}
