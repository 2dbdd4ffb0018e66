import Postgres

/// Making an account for oneself.
public struct SignUp: Sendable {
  /// What somebody who signs up gives, and what the dialect calls it.
  public struct Form: Sendable {
    public var username: String
    public var email: String?
    public var password: Password
    /// The field that a fault of the password is said of.
    public var passwordField = "password"
    public var twoFactor = false
    public var profile: ProfileChanges?

    public init(username: String, email: String?, password: Password) {
      self.username = username
      self.email = email
      self.password = password
    }
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

  /// Everything cheap is checked before the hash is paid for.
  /// - Throws: `.invalid`, `.taken`, `.tooMany`, `.busy`.
  public func signUp(_ form: Form) async throws -> User {
    var new = NewUser(username: try Username.normalised(form.username))
    new.email = try form.email.flatMap { try EmailAddress.normalised($0) }
    new.twoFactor = form.twoFactor
    new.profile = try form.profile?.normalised(path: "profile.")
    try rules.check(
      form.password, field: form.passwordField, username: new.username, email: new.email)
    try await Attempts(database, limits: tools.limits).take(
      .signUp, Attempts.subjects(username: new.username, address: actor.address))
    new.passwordHash = try await tools.hasher.hash(form.password)
    return try await Users(database, actor: actor.named(new.username))
      .create(new, event: .signUp)
  }
}
