import Postgres

/// Who does something, and from where.
public struct Actor: Sendable, Hashable {
  /// A username, `cli:<unix user>`, or `-` for nobody known.
  public let name: String
  /// The network address, where there is one.
  public let address: String?
  /// The request's id, where there is one.
  public let request: String?

  public init(name: String, address: String? = nil, request: String? = nil) {
    self.name = name
    self.address = address
    self.request = request
  }

  /// The same place, with the name of who turned out to be there.
  public func named(_ name: String) -> Actor {
    Actor(name: name, address: address, request: request)
  }
}

/// The record of what was done: never a secret in it.
public enum Audit {
  /// What a record can be about, as `audit list --what` takes it.
  public enum Event: String, Sendable, CaseIterable {
    case signIn = "sign-in"
    case signInFailed = "sign-in-failed"
    case signOut = "sign-out"
    case signUp = "sign-up"
    case refused = "refused"
    case tokenReuse = "token-reuse"
    case tokenIssue = "token-issue"
    case tokenRevoke = "token-revoke"
    case sessionRevoke = "session-revoke"
    case prune = "prune"
    case userCreate = "user-create"
    case userEdit = "user-edit"
    case userPassword = "user-password"
    case userLock = "lock"
    case userUnlock = "unlock"
    case userDelete = "user-delete"
    case userRestore = "user-restore"
    case userPurge = "user-purge"
    case permissionCreate = "permission-create"
    case permissionEdit = "permission-edit"
    case permissionDelete = "permission-delete"
    case permissionAssign = "permission-assign"
    case exerciseCreate = "exercise-create"
    case exerciseEdit = "exercise-edit"
    case exerciseDelete = "exercise-delete"
    case exerciseImport = "exercise-import"
    case userImport = "user-import"
    case userExport = "user-export"
    case databaseBackup = "db-backup"
    case databaseRestore = "db-restore"
    case groupCreate = "group-create"
    case groupEdit = "group-edit"
    case groupDelete = "group-delete"
    case keyRotate = "key-rotate"
    case twoFactorOn = "two-factor-on"
    case twoFactorOff = "two-factor-off"
    case codeFailed = "code-failed"
    case mailSent = "mail-sent"
    case mailFailed = "mail-failed"
    case mailGivenUp = "mail-given-up"
    case mailRetry = "mail-retry"
    case mailDelete = "mail-delete"
    case ban = "ban"
    case banLift = "ban-lift"
    case passwordChange = "password-change"
    case oauthLink = "oauth-link"
    case streamEnd = "stream-end"
    case streamDelete = "stream-delete"
    case conversationRead = "conversation-read"
    case conversationDelete = "conversation-delete"
    case tweetDelete = "tweet-delete"
    case integersRead = "integers-read"
    case integersDelete = "integers-delete"
  }

  /// How it ended.
  public enum Outcome: String, Sendable {
    case done
    case failed
    case refused
    /// Done, with a rule set aside for an administrator; the record's `after` tells which.
    case overridden
  }

  private static let insert = Statement(
    """
    INSERT INTO audit (actor, address, what, target, result, before, after, request)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """, .writes)

  /// The statement that writes one record; it runs in the transaction of what it records.
  public static func record(
    _ event: Event, by actor: Actor, on target: String?, _ outcome: Outcome = .done,
    before: [JSON.Member]? = nil, after: [JSON.Member]? = nil
  ) -> BoundStatement {
    insert(
      .text(actor.name), .text(actor.address), .text(event.rawValue), .text(target),
      .text(outcome.rawValue), .text(before.map(json)), .text(after.map(json)),
      .text(actor.request))
  }

  private static func json(_ members: [JSON.Member]) -> String {
    var writer = JSONWriter()
    writer.value(.object(members))
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension JSONWriter {
  /// Any JSON value.
  public mutating func value(_ value: JSON) {
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .int(let value): int(value)
    case .double(let value): raw("\(value)".utf8)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .object(let members):
      beginObject()
      for member in members {
        key(member.name)
        self.value(member.value)
      }
      endObject()
    }
  }
}
