import Postgres

/// An account, as administrators see it.
public struct User: Sendable, RowDecodable {
  public let id: Int64
  /// 40 hex digits, public, never a credential.
  public let userID: String
  public let username: String
  public let email: String?
  public let firstName: String
  public let lastName: String
  public let permission: Permission
  public let avatar: String
  public let is42: Bool
  public let twoFactor: Bool
  public let isLocked: Bool
  public let isBanned: Bool
  public let created: Timestamp
  public let lastLogin: Timestamp?
  public let deleted: Timestamp?

  /// What `init` reads, in its order, of `account a JOIN permission p`.
  static let columns = """
    a.id, a.user_id, a.username, a.email, a.first_name, a.last_name, p.code, p.level, p.is_admin, \
    a.avatar, a.is_42, a.two_factor, \(isLockedSQL), \(isBannedSQL), a.created, a.last_login, a.deleted
    """

  /// A lock with an end is over by itself.
  static let isLockedSQL =
    "(a.locked IS NOT NULL AND coalesce(a.locked_until > now(), true))"

  static let isBannedSQL = "coalesce(a.banned_until > now(), false)"

  static let source = "account a JOIN permission p ON p.code = a.permission"

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    userID = try cells.next()
    username = try cells.next()
    email = try cells.next()
    firstName = try cells.next()
    lastName = try cells.next()
    permission = try cells.next(group: Permission.self)
    avatar = try cells.next()
    is42 = try cells.next()
    twoFactor = try cells.next()
    isLocked = try cells.next()
    isBanned = try cells.next()
    created = try cells.next()
    lastLogin = try cells.next()
    deleted = try cells.next()
  }
}

/// What to make an account of.
public struct NewUser: Sendable {
  public var username: String
  public var email: String?
  public var firstName = ""
  public var lastName = ""
  public var permission = Permission.userCode
  public var twoFactor = false
  /// Without one nobody can sign in with a password.
  public var passwordHash: PasswordHash?
  public var profile: ProfileChanges?
  public var avatar: String?
  public var is42 = false

  public init(username: String) { self.username = username }
}

/// What to change of an account; nil leaves a field as it is.
public struct UserChanges: Sendable {
  public var username: String?
  /// An inner nil takes the address away.
  public var email: String??
  public var firstName: String?
  public var lastName: String?
  public var permission: Int?
  public var avatar: String?
  public var twoFactor: Bool?

  public init() {}
}
