import Postgres

/// Accounts: finding, making, changing, locking, deleting.
public struct Users: Sendable {
  let database: any Querying
  let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  // MARK: Finding

  /// The account that a username, an e-mail address, an id or a user_id names. A username wins
  /// over the others, since it may look like any of them.
  /// - Throws: `.notFound`.
  public func find(_ reference: String) async throws -> User {
    let key = reference.trimmed.caseFoldedKey
    let user = try await database.first(
      User.self, Self.find, .text(key), .text(reference.lowercased()), .int(Int64(reference)))
    guard let user else { throw Refusal.notFound(Self.missing(reference)) }
    return user
  }

  public static func missing(_ reference: String) -> String {
    "There is no user “\(reference)”."
  }

  /// Picks the account that `find` finds.
  public static func condition(named reference: String) -> Condition {
    let (key, userID) = (Parameter.text(reference.trimmed.caseFoldedKey), reference.lowercased())
    return Condition(
      "a.id = (SELECT n.id FROM account n \(naming("n", key: "?", userID: "?", id: "?")))",
      key, key, .text(userID), .int(Int64(reference)), key, key, .text(userID))
  }

  private static let find = Statement(
    """
    SELECT \(User.columns) FROM \(User.source) \(naming("a", key: "$1", userID: "$2", id: "$3"))
    """)

  /// Picks the row of an account by any of its names.
  private static func naming(
    _ account: String, key: String, userID: String, id: String
  ) -> String {
    """
    WHERE \(account).username_key = \(key) OR \(account).email_key = \(key)
      OR \(account).user_id = \(userID) OR \(account).id = \(id)::bigint
    ORDER BY (\(account).username_key = \(key)) DESC,
      (\(account).email_key = \(key)) DESC NULLS LAST, (\(account).user_id = \(userID)) DESC
    LIMIT 1
    """
  }

  /// The account of a caller, in full.
  /// - Throws: `.notFound` where it was purged a moment ago.
  public func find(_ caller: Caller) async throws -> User {
    guard let user = try await database.first(User.self, Self.byID, .int(caller.account)) else {
      throw Refusal.notFound("The user is gone.")
    }
    return user
  }

  private static let byID = Statement("SELECT \(User.columns) FROM \(User.source) WHERE a.id = $1")

  /// An account's password hash; nil for one without a password.
  func passwordHash(of user: User) async throws -> PasswordHash? {
    let rows = try await database.query(Self.hash, .int(user.id))
    return try rows.first?.decode(String?.self).map(PasswordHash.init(text:))
  }

  private static let hash = Statement("SELECT password_hash FROM account WHERE id = $1")

  /// A page of accounts that aren't deleted, by id.
  public func page(after id: Int64, limit: Int) async throws -> [User] {
    try await database.all(User.self, Self.page, .int(id), .int(limit))
  }

  private static let page = Statement(
    """
    SELECT \(User.columns) FROM \(User.source)
    WHERE a.id > $1 AND a.deleted IS NULL ORDER BY a.id LIMIT $2
    """)

  // MARK: Making

  /// - Parameter overridden: rules that an administrator set aside, for the audit.
  /// - Throws: `.taken` for the username or the address, `.invalid`.
  public func create(
    _ new: NewUser, event: Audit.Event = .userCreate, overridden: [String] = []
  ) async throws -> User {
    let username = try Username.normalised(new.username)
    let email = try new.email.flatMap { try EmailAddress.normalised($0) }
    try Self.check(firstName: new.firstName, lastName: new.lastName)
    try Self.check(permission: new.permission)
    if new.twoFactor, email == nil { throw Self.twoFactorNeedsEmail }
    var after: [JSON.Member] = [
      .init("username", .string(username)), .init("permission", .int(Int64(new.permission))),
    ]
    if let email { after.append(.init("email", .string(email))) }
    if !overridden.isEmpty {
      after.append(.init("overridden", .array(overridden.map { .string($0) })))
    }
    let values: [Parameter] = [
      .text(Secrets.random(20).hex), .text(username), .text(username.caseFoldedKey),
      .text(email), .text(email?.caseFoldedKey), .text(new.firstName), .text(new.lastName),
      .text(new.passwordHash?.text), .int(new.permission), .bool(new.twoFactor),
      .text(new.avatar), .bool(new.is42),
    ]
    let profile = new.profile ?? ProfileChanges()
    let rows = try await named("username", email: "email") {
      try await database.run([
        BoundStatement(statement: Self.insert, parameters: values + profile.parameters),
        Audit.record(
          event, by: actor, on: username, overridden.isEmpty ? .done : .overridden, after: after),
      ])
    }
    return try rows[0][0].decode(User.self)
  }

  private static let insert = Statement(
    """
    WITH a AS (
      INSERT INTO account (user_id, username, username_key, email, email_key, first_name,
        last_name, password_hash, permission, two_factor, avatar, is_42)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
        coalesce($11, '/media/avatars/default.png'), $12) RETURNING *
    ), made AS (
      INSERT INTO profile (account, date_of_birth, alias, bio, image_url, background_image_url,
        mode)
      SELECT id, nullif($13::text, '')::date, nullif($14::text, ''), nullif($15::text, ''),
        nullif($16::text, ''), nullif($17::text, ''), nullif($18::text, '') FROM a)
    SELECT \(User.columns) FROM a JOIN permission p ON p.code = a.permission
    """, .writes)

  static let twoFactorNeedsEmail = Refusal.invalid([
    FieldError("two_factor", "An account needs an e-mail address for a second factor.")
  ])

  private static let unknownPermission = Refusal.invalid([
    FieldError("permission", "There is no such permission code.")
  ])

  /// Whether it exists is for the database to tell; whether it can be asked is told here.
  private static func check(permission code: Int) throws(Refusal) {
    guard Permission.codes.contains(code) else { throw unknownPermission }
  }

  /// Unicode scalars of a first or last name.
  public static let longestName = 150

  private static func check(firstName: String?, lastName: String?) throws(Refusal) {
    for (field, value) in [("first_name", firstName), ("last_name", lastName)] {
      guard let value,
        value.unicodeScalars.count > longestName
          || value.unicodeScalars.contains("\0")
      else { continue }
      throw .invalid([
        FieldError(field, "Ensure this field has no more than \(longestName) characters.")
      ])
    }
  }

  /// Says a constraint's violation as a refusal of the field behind it.
  private func named<Value>(
    _ username: String, email: String, _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let error as PostgresError {
      switch error.constraint {
      case "account_username_key_key":
        throw Refusal.taken(FieldError(username, "A user with that username already exists."))
      case "account_email_key_key":
        throw Refusal.taken(FieldError(email, "A user with that email already exists."))
      case "account_permission_fkey":
        throw Self.unknownPermission
      default: throw error
      }
    }
  }

  // MARK: Changing

  /// - Returns: the account as it is then, and whether anything changed.
  public func edit(
    _ user: User, _ changes: UserChanges
  ) async throws -> (user: User, changed: Bool) {
    let username = try changes.username.map { try Username.normalised($0) } ?? user.username
    let email: String?
    if case .some(let wanted) = changes.email {
      email = try wanted.flatMap { try EmailAddress.normalised($0) }
    } else {
      email = user.email
    }
    try Self.check(firstName: changes.firstName, lastName: changes.lastName)
    if let permission = changes.permission { try Self.check(permission: permission) }
    if let avatar = changes.avatar, avatar != user.avatar { try Avatars.checkPath(avatar) }
    let twoFactor = changes.twoFactor ?? user.twoFactor
    if twoFactor, email == nil { throw Self.twoFactorNeedsEmail }
    let fields: [(String, JSON, JSON)] = [
      ("username", .string(user.username), .string(username)),
      ("email", Self.json(user.email), Self.json(email)),
      ("first_name", .string(user.firstName), .string(changes.firstName ?? user.firstName)),
      ("last_name", .string(user.lastName), .string(changes.lastName ?? user.lastName)),
      (
        "permission", .int(Int64(user.permission.code)),
        .int(Int64(changes.permission ?? user.permission.code))
      ),
      ("avatar", .string(user.avatar), .string(changes.avatar ?? user.avatar)),
      ("two_factor", .bool(user.twoFactor), .bool(twoFactor)),
    ]
    let changed = fields.filter { $0.1 != $0.2 }
    guard !changed.isEmpty else { return (user, false) }
    let given = fields.enumerated().reduce(0) { mask, field in
      field.element.1 == field.element.2 ? mask : mask | 1 << field.offset
    }
    let rows = try await named("username", email: "email") {
      try await database.run([
        Self.update(
          .int(user.id), .int(given), .text(username), .text(username.caseFoldedKey),
          .text(email), .text(email?.caseFoldedKey),
          .text(changes.firstName ?? user.firstName), .text(changes.lastName ?? user.lastName),
          .int(changes.permission ?? user.permission.code),
          .text(changes.avatar ?? user.avatar), .bool(twoFactor)),
        Audit.record(
          changed.map(\.0) == ["permission"] ? .permissionAssign : .userEdit, by: actor,
          on: user.username, before: changed.map { .init($0.0, $0.1) },
          after: changed.map { .init($0.0, $0.2) }),
      ])
    }
    guard let row = rows[0].first else { throw Refusal.notFound("The user is gone.") }
    return (try row.decode(User.self), true)
  }

  private static func json(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// Only what is to change is written: somebody else may have changed the rest meanwhile. $2 has a
  /// bit for each of `edit`'s fields.
  private static let update = Statement(
    """
    WITH a AS (
      UPDATE account a SET username = \(changed(0, "$3", "username")),
        username_key = \(changed(0, "$4", "username_key")),
        email = \(changed(1, "$5", "email")), email_key = \(changed(1, "$6", "email_key")),
        first_name = \(changed(2, "$7", "first_name")),
        last_name = \(changed(3, "$8", "last_name")),
        permission = \(changed(4, "$9", "permission")), avatar = \(changed(5, "$10", "avatar")),
        two_factor = \(changed(6, "$11", "two_factor"))
      WHERE id = $1 RETURNING *
    ) SELECT \(User.columns) FROM a JOIN permission p ON p.code = a.permission
    """, .writes)

  private static func changed(_ bit: Int, _ value: String, _ column: String) -> String {
    "CASE WHEN $2::int & \(1 << bit) <> 0 THEN \(value) ELSE a.\(column) END"
  }

  /// Sets the password, and ends the account's sessions, whose holder may not be its owner.
  /// - Parameter kept: the session that goes on, for somebody who changes their own.
  public func setPassword(
    of user: User, to hash: PasswordHash, keeping kept: UUID? = nil,
    event: Audit.Event = .userPassword, overridden: [String] = []
  ) async throws {
    let after: [JSON.Member]? =
      overridden.isEmpty
      ? nil : [.init("overridden", .array(overridden.map { .string($0) }))]
    _ = try await database.run([
      Self.setPassword(.int(user.id), .text(hash.text)),
      Self.endSessions(.int(user.id), .uuid(kept)),
      Audit.record(
        event, by: actor, on: user.username, overridden.isEmpty ? .done : .overridden,
        after: after),
    ])
  }

  private static let setPassword = Statement(
    "UPDATE account SET password_hash = $2 WHERE id = $1", .writes)

  static let endSessions = Statement(
    """
    UPDATE session SET revoked = now()
    WHERE account = $1 AND revoked IS NULL AND id IS DISTINCT FROM $2::uuid
    """, .writes)
}
