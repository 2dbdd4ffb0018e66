import Domain
import Postgres

/// A file's record as an account.
struct UserRecord {
  /// Codes by the names that a file may give them.
  private let permissions: [String: Int]

  init(permissions: [Permission]) {
    self.permissions = Dictionary(
      permissions.flatMap { [(String($0.code), $0.code), ($0.level.lowercased(), $0.code)] },
      uniquingKeysWith: { first, _ in first })
  }

  /// What an export has beside them, and an import has no use for.
  private static let ignored = ["id", "level", "is_connected", "deleted"]
  private static let known = [
    "username", "email", "first_name", "last_name", "permission", "two_factor", "locked",
    "created", "last_login", "user_id", "is_42", "avatar", "password", "password_hash",
  ]

  /// - Throws: `.invalid` for a column that nothing is made of.
  static func check(column name: String) throws(Refusal) {
    guard !known.contains(name), !ignored.contains(name) else { return }
    let nearest = NearestName.find(name, in: known).map { " Did you mean \($0)?" } ?? ""
    throw .invalid([FieldError(name, "There is no such column.\(nearest)")])
  }

  func user(_ record: ImportedRecord) throws(Refusal) -> ImportedUser {
    var user = try ImportedUser(line: record.line, username: try record.text("username"))
    for member in record.values {
      try set(member.name, member.value, in: &user)
    }
    return user
  }

  private func set(_ name: String, _ value: JSON, in user: inout ImportedUser) throws(Refusal) {
    switch name {
    case "username": break
    case "email": try user.set(email: try Self.text(name, value))
    case "first_name": try user.set(firstName: try Self.text(name, value))
    case "last_name": try user.set(lastName: try Self.text(name, value))
    case "permission":
      if let code = try permission(value) { user.set(permission: code) }
    case "two_factor": if let flag = try Self.flag(name, value) { user.set(twoFactor: flag) }
    case "locked": if let flag = try Self.flag(name, value) { user.set(isLocked: flag) }
    case "created": if let time = try Self.time(name, value) { user.set(created: time) }
    case "last_login": user.set(lastLogin: try Self.time(name, value))
    case "user_id":
      let text = try Self.text(name, value)
      if !text.isEmpty { try user.set(userID: text) }
    case "is_42": if let flag = try Self.flag(name, value) { user.set(is42: flag) }
    case "avatar":
      let text = try Self.text(name, value)
      if !text.isEmpty { try user.set(avatar: text) }
    case "password":
      let text = try Self.text(name, value)
      if !text.isEmpty { user.set(password: Password(text)) }
    case "password_hash": try user.set(passwordHash: try Self.text(name, value))
    default: try Self.check(column: name)
    }
  }

  private static func text(_ name: String, _ value: JSON) throws(Refusal) -> String {
    switch value {
    case .string(let text): return text
    case .null: return ""
    default: throw .invalid([FieldError(name, "Not a valid string.")])
    }
  }

  /// Nil for nothing.
  private static func flag(_ name: String, _ value: JSON) throws(Refusal) -> Bool? {
    switch value {
    case .null: return nil
    case .bool(let flag): return flag
    case .string(let text):
      switch text.lowercased() {
      case "": return nil
      case "true", "t", "yes", "1": return true
      case "false", "f", "no", "0": return false
      default: break
      }
    default: break
    }
    throw .invalid([FieldError(name, "True or false is wanted.")])
  }

  private static func time(_ name: String, _ value: JSON) throws(Refusal) -> Timestamp? {
    let text = try text(name, value)
    if text.isEmpty { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      throw .invalid([FieldError(name, "This isn't a time such as 2026-01-02T03:04:05Z.")])
    }
    return time
  }

  private func permission(_ value: JSON) throws(Refusal) -> Int? {
    let name: String
    switch value {
    case .null, .string(""): return nil
    case .int(let code): name = String(code)
    case .string(let text): name = text.lowercased()
    default: throw .invalid([FieldError("permission", "A permission code is wanted.")])
    }
    guard let code = permissions[name] else {
      throw .invalid([FieldError("permission", "There is no permission code “\(name)”.")])
    }
    return code
  }
}
