import Postgres

/// What an account may do: a code, its name, and whether it is an administrator's.
public struct Permission: Sendable, Hashable, RowDecodable {
  /// The code that new accounts get.
  public static let userCode = 1
  /// What the column holds.
  static let codes = 1...Int(Int32.max)

  public let code: Int
  public let level: String
  public let isAdmin: Bool

  private static let staffCode = 2

  /// Whether it is staff's, or an administrator's.
  public var isStaff: Bool { isAdmin || code == Self.staffCode }

  /// The same of a row `p`.
  static let isStaffSQL = "(p.is_admin OR p.code = \(staffCode))"

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    code = try cells.next()
    level = try cells.next()
    isAdmin = try cells.next()
  }
}

/// The permission codes.
public struct Permissions: Sendable {
  private let database: any Querying
  private let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  public static let listing = Listing(
    from: "permission p", order: ["code"], searched: [.number("p.code"), .containing("p.level")],
    [
      .init("code", .int, "p.code", indexed: "p.code"),
      .init("level", .text, "p.level"),
      .init("is_admin", .bool, "p.is_admin"),
      .init("users", .int, "(SELECT count(*) FROM account a WHERE a.permission = p.code)"),
    ])

  public static func condition(code: Int) -> Condition {
    Condition("p.code = ?::bigint", .int(code))
  }

  /// Every code, in order.
  public func all() async throws -> [Permission] {
    try await database.all(Permission.self, Self.all)
  }

  private static let all = Statement("SELECT code, level, is_admin FROM permission ORDER BY code")

  /// - Throws: `.notFound`.
  public func find(_ code: Int) async throws -> Permission {
    guard let permission = try await database.first(Permission.self, Self.find, .int(code)) else {
      throw Refusal.notFound("There is no permission with the code \(code).")
    }
    return permission
  }

  private static let find = Statement(
    "SELECT code, level, is_admin FROM permission WHERE code = $1::bigint")

  /// - Throws: `.taken` for the code or the level.
  public func create(code: Int, level: String, isAdmin: Bool) async throws {
    let level = try Self.normalised(level)
    guard Permission.codes.contains(code) else {
      throw Refusal.invalid([
        FieldError(
          "code", "A permission code is a number from 1 to \(Permission.codes.upperBound).")
      ])
    }
    try await named(code: code, level: level) {
      _ = try await database.run([
        Self.insert(.int(code), .text(level), .bool(isAdmin)),
        Audit.record(
          .permissionCreate, by: actor, on: "\(code)",
          after: [.init("level", .string(level)), .init("is_admin", .bool(isAdmin))]),
      ])
    }
  }

  private static let insert = Statement(
    "INSERT INTO permission (code, level, is_admin) VALUES ($1, $2, $3)", .writes)

  /// - Returns: whether anything changed.
  public func edit(_ permission: Permission, level: String?, isAdmin: Bool?) async throws -> Bool {
    let level = try level.map(Self.normalised) ?? permission.level
    let isAdmin = isAdmin ?? permission.isAdmin
    guard level != permission.level || isAdmin != permission.isAdmin else { return false }
    try await named(code: permission.code, level: level) {
      _ = try await database.run([
        Self.update(.int(permission.code), .text(level), .bool(isAdmin)),
        Audit.record(
          .permissionEdit, by: actor, on: "\(permission.code)",
          before: [
            .init("level", .string(permission.level)), .init("is_admin", .bool(permission.isAdmin)),
          ],
          after: [.init("level", .string(level)), .init("is_admin", .bool(isAdmin))]),
      ])
    }
    return true
  }

  private static let update = Statement(
    "UPDATE permission SET level = $2, is_admin = $3 WHERE code = $1", .writes)

  /// - Throws: `.conflict` while an account has it.
  public func delete(_ permission: Permission) async throws {
    do {
      _ = try await database.run([
        Self.remove(.int(permission.code)),
        Audit.record(
          .permissionDelete, by: actor, on: "\(permission.code)",
          before: [.init("level", .string(permission.level))]),
      ])
    } catch {
      guard error.sqlState == .foreignKeyViolation else { throw error }
      throw Refusal.conflict(
        "Permission \(permission.code) (\(permission.level)) is in use. Give its users another "
          + "one first: havocctl permission assign CODE USER…")
    }
  }

  private static let remove = Statement("DELETE FROM permission WHERE code = $1", .writes)

  private static func normalised(_ level: String) throws(Refusal) -> String {
    let level = level.nfkc.trimmed
    guard (1...150).contains(level.unicodeScalars.count) else {
      throw .invalid([FieldError("level", "A level has 1 to 150 characters.")])
    }
    return level
  }

  private func named(code: Int, level: String, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as PostgresError {
      guard error.sqlState == .uniqueViolation else { throw error }
      if error.constraint == "permission_level_key" {
        throw Refusal.taken(FieldError("level", "A permission named “\(level)” already exists."))
      }
      throw Refusal.taken(FieldError("code", "A permission with code \(code) already exists."))
    }
  }
}
