import Postgres

/// What somebody changes of their own account.
public struct OwnAccount: Sendable {
  /// What to change; nil leaves it as it is.
  public struct Changes: Sendable {
    public var username: String?
    public var email: String?
    public var mode: String?
    /// The new password, and the one that there is.
    public var password: (new: Password, current: Password)?

    public init() {}
  }

  private let database: any Querying
  private let tools: SignIn.Tools
  private let rules: PasswordRules
  private let actor: Actor

  public init(
    _ database: any Querying, tools: SignIn.Tools, rules: PasswordRules, actor: Actor
  ) {
    self.database = database
    self.tools = tools
    self.rules = rules
    self.actor = actor
  }

  /// All of it or nothing. A new password ends the account's other sessions.
  /// - Throws: `.invalid`, `.taken`, `.tooMany` where the current password was guessed at too often,
  ///   `.busy`.
  public func edit(_ caller: Caller, _ changes: Changes) async throws -> (User, Profile) {
    let users = Users(database, actor: actor.named(caller.username))
    let user = try await users.find(caller)
    var hash: PasswordHash?
    if let (new, current) = changes.password {
      try await check(current, of: user, users)
      try rules.check(
        new, field: "new_password", username: changes.username ?? user.username,
        email: changes.email ?? user.email)
      hash = try await tools.hasher.hash(new)
    }
    let newHash = hash
    return try await database.transaction { transaction in
      let users = Users(transaction, actor: actor.named(caller.username))
      var wanted = UserChanges()
      wanted.username = changes.username
      if let email = changes.email { wanted.email = .some(email) }
      let (edited, _) = try await users.edit(user, wanted)
      if let mode = changes.mode {
        var profile = ProfileChanges()
        profile.mode = mode
        try await transaction.query(Profiles.update(user.id, try profile.normalised()))
      }
      if let newHash {
        try await users.setPassword(
          of: edited, to: newHash, keeping: caller.session, event: .passwordChange)
      }
      return (edited, try await Profiles(transaction).find(account: user.id))
    }
  }

  /// Changes what others see.
  /// - Parameters:
  ///   - username: nil leaves it as it is.
  ///   - avatar: nil leaves it as it is.
  /// - Returns: what others see from here on, whatever changes come behind this one.
  /// - Throws: `.invalid`, `.taken`.
  public func update(
    _ caller: Caller, username: String?, avatar: NewAvatar?
  ) async throws -> Person {
    var wanted = UserChanges()
    var upload: Avatars.Upload?
    var faults: [FieldError] = []
    do throws(Refusal) {
      wanted.username = try username.map { name throws(Refusal) in try Username.normalised(name) }
    } catch {
      faults += error.faults
    }
    do throws(Refusal) {
      switch avatar {
      case .path(let path):
        try Avatars.checkPath(path)
        wanted.avatar = path
      case .upload(let file):
        upload = try Avatars.Upload(file)
        wanted.avatar = upload?.path
      case nil: break
      }
    } catch {
      faults += error.faults
    }
    guard faults.isEmpty else { throw Refusal.invalid(faults) }
    let (changes, picture) = (wanted, upload)
    return try await database.repeatableTransaction { transaction in
      let users = Users(transaction, actor: actor.named(caller.username))
      let user = try await users.find(caller)
      let (edited, _) = try await users.edit(user, changes)
      if let picture {
        try await transaction.query(Avatars.keep(picture, of: edited.id))
      } else if changes.avatar != nil {
        try await transaction.query(Avatars.drop(of: edited.id, unless: edited.avatar))
      }
      return try await People(transaction).find(edited.id)
    }
  }

  /// A stolen session must not serve to guess the password, so tries count as failed sign-ins.
  private func check(_ current: Password, of user: User, _ users: Users) async throws {
    let attempts = Attempts(database, limits: tools.limits)
    let subjects = Attempts.subjects(username: user.username, address: actor.address)
    try await attempts.check(.signIn, subjects)
    let hash = try await users.passwordHash(of: user)
    guard try await tools.hasher.verify(current, hash) else {
      try await attempts.take(.signIn, subjects)
      throw Refusal.invalid([FieldError("current_password", "This isn't your password.")])
    }
  }

  /// Sets a new password on the word of a session.
  public func setPassword(
    _ caller: Caller, _ password: Password, field: String
  ) async throws {
    let users = Users(database, actor: actor.named(caller.username))
    let user = try await users.find(caller)
    try rules.check(password, field: field, username: user.username, email: user.email)
    try await users.setPassword(
      of: user, to: try await tools.hasher.hash(password), keeping: caller.session,
      event: .passwordChange)
  }

  /// Removes the account and everything of it.
  /// - Parameter refreshToken: of the caller's own, as a second word for it.
  /// - Throws: `.invalid` where the token isn't theirs.
  public func delete(_ caller: Caller, refreshToken: String) async throws {
    let owner: Int64
    do {
      owner = try await Authenticator(database, keys: tools.keys)
        .refreshOwner(refreshToken).account
    } catch is Refusal {
      throw Self.foreignToken
    }
    guard owner == caller.account else { throw Self.foreignToken }
    let users = Users(database, actor: actor.named(caller.username))
    _ = try await users.purge(try await users.find(caller))
  }

  private static let foreignToken = Refusal.invalid([
    FieldError("refresh_token", "This isn't a refresh token of yours.")
  ])
}
