import Postgres

/// An account on its way in from a file. What a record doesn't tell stays as it is in an account
/// that is there, and is as in any new one otherwise.
public struct ImportedUser: Sendable {
  /// What a record tells.
  public struct Given: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    static let email = Given(rawValue: 1 << 0)
    static let firstName = Given(rawValue: 1 << 1)
    static let lastName = Given(rawValue: 1 << 2)
    static let permission = Given(rawValue: 1 << 3)
    static let twoFactor = Given(rawValue: 1 << 4)
    static let locked = Given(rawValue: 1 << 5)
    static let created = Given(rawValue: 1 << 6)
    static let lastLogin = Given(rawValue: 1 << 7)
    static let userID = Given(rawValue: 1 << 8)
    static let is42 = Given(rawValue: 1 << 9)
    static let avatar = Given(rawValue: 1 << 10)
    static let password = Given(rawValue: 1 << 11)
  }

  /// Where it stands in the file.
  let line: Int
  public let username: String
  let key: String
  private(set) var given: Given = []
  public private(set) var email: String?
  private(set) var firstName = ""
  private(set) var lastName = ""
  private(set) var permission = Permission.userCode
  private(set) var twoFactor = false
  private(set) var isLocked = false
  private(set) var created: Timestamp?
  private(set) var lastLogin: Timestamp?
  private(set) var userID: String?
  private(set) var is42 = false
  private(set) var avatar: String?
  private(set) var passwordHash: PasswordHash?
  /// Still to be hashed.
  public private(set) var password: Password?

  /// - Throws: `.invalid` under `username`.
  public init(line: Int, username: String) throws(Refusal) {
    self.line = line
    self.username = try Username.normalised(username)
    key = self.username.caseFoldedKey
  }

  public mutating func set(email: String) throws(Refusal) {
    self.email = try EmailAddress.normalised(email)
    given.insert(.email)
  }

  public mutating func set(firstName: String) throws(Refusal) {
    self.firstName = try Self.name(firstName, "first_name")
    given.insert(.firstName)
  }

  public mutating func set(lastName: String) throws(Refusal) {
    self.lastName = try Self.name(lastName, "last_name")
    given.insert(.lastName)
  }

  private static func name(_ text: String, _ field: String) throws(Refusal) -> String {
    guard text.utf8.count <= 150 || text.unicodeScalars.count <= 150,
      !text.containsNUL
    else {
      throw .invalid([FieldError(field, "Ensure this field has no more than 150 characters.")])
    }
    return text
  }

  /// - Parameter permission: a code that there is.
  public mutating func set(permission: Int) {
    self.permission = permission
    given.insert(.permission)
  }

  public mutating func set(twoFactor: Bool) {
    self.twoFactor = twoFactor
    given.insert(.twoFactor)
  }

  public mutating func set(isLocked: Bool) {
    self.isLocked = isLocked
    given.insert(.locked)
  }

  public mutating func set(created: Timestamp) {
    self.created = created
    given.insert(.created)
  }

  public mutating func set(lastLogin: Timestamp?) {
    self.lastLogin = lastLogin
    given.insert(.lastLogin)
  }

  public mutating func set(userID: String) throws(Refusal) {
    guard userID.utf8.count == 40,
      userID.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else {
      throw .invalid([FieldError("user_id", "A user_id is 40 hex digits.")])
    }
    self.userID = userID
    given.insert(.userID)
  }

  public mutating func set(is42: Bool) {
    self.is42 = is42
    given.insert(.is42)
  }

  public mutating func set(avatar: String) throws(Refusal) {
    try Avatars.checkPath(avatar)
    self.avatar = avatar
    given.insert(.avatar)
  }

  /// - Parameter hash: empty for an account that nobody can sign in to with a password.
  public mutating func set(passwordHash hash: String) throws(Refusal) {
    if !hash.isEmpty {
      guard let imported = PasswordHash(imported: hash) else {
        throw .invalid([
          FieldError(
            "password_hash",
            "This is neither an argon2id hash ($argon2id$v=19$…) nor Django's pbkdf2_sha256$….")
        ])
      }
      passwordHash = imported
    }
    given.insert(.password)
  }

  public mutating func set(password: Password) {
    self.password = password
    given.insert(.password)
  }

  /// - Parameter hash: of the password; nil where the account has that password already.
  mutating func finish(_ hash: PasswordHash?) {
    password = nil
    passwordHash = hash
    if hash == nil { given.remove(.password) }
  }
}
