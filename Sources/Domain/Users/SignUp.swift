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
    /// What was found wrong with it already; the rest is told together with that.
    public var faults: [FieldError] = []

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
  /// - Throws: `.invalid` with every fault, `.taken`, `.tooMany`, `.busy`.
  public func signUp(_ form: Form) async throws -> User {
    var new = try checked(form)
    try await Attempts(database, limits: tools.limits).take(
      .signUp, Attempts.subjects(username: new.username, address: actor.address))
    new.passwordHash = try await tools.hasher.hash(form.password)
    return try await Users(database, actor: actor.named(new.username))
      .create(new, event: .signUp)
  }

  private func checked(_ form: Form) throws(Refusal) -> NewUser {
    var errors = form.faults
    func gather(_ check: () throws(Refusal) -> Void) throws(Refusal) {
      do {
        try check()
      } catch {
        guard case .invalid(let found) = error else { throw error }
        // A field that is missing isn't blank or too short as well.
        errors += found.filter { fault in !form.faults.contains { $0.field == fault.field } }
      }
    }
    var new = NewUser(username: form.username)
    new.twoFactor = form.twoFactor
    try gather { () throws(Refusal) in new.username = try Username.normalised(form.username) }
    try gather { () throws(Refusal) in
      if let email = form.email { new.email = try EmailAddress.normalised(email) }
    }
    try gather { () throws(Refusal) in
      if let profile = form.profile { new.profile = try profile.normalised(path: "profile.") }
    }
    try gather { () throws(Refusal) in
      try rules.check(
        form.password, field: form.passwordField, username: new.username, email: new.email)
    }
    guard errors.isEmpty else { throw .invalid(errors) }
    return new
  }
}
