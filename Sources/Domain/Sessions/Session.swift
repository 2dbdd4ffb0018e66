import Postgres

/// The way of speaking that a session was opened in.
public enum Dialect: String, Sendable, CaseIterable {
  case integers, community, havoc, microblog, trainer, dashboard, cli
}

/// What a session is proved with.
public enum CredentialKind: String, Sendable, CaseIterable {
  /// A JWT for requests.
  case access
  /// A JWT that is exchanged for a new access token.
  case refresh
  /// 40 hex digits, the device token.
  case opaque
  /// 43 base64url characters, havoc's.
  case sessionToken = "session_token"
  /// The cookie `sessionid`.
  case web
  /// The dashboard's own cookie.
  case dashboard
}

/// How long each kind of credential is good for.
public struct Lifetimes: Sendable {
  public var access = Duration.seconds(7 * 86_400)
  public var refresh = Duration.seconds(30 * 86_400)
  public var opaque = Duration.seconds(365 * 86_400)
  public var sessionToken = Duration.seconds(30 * 86_400)
  public var web = Duration.seconds(14 * 86_400)
  public var dashboard = Duration.seconds(12 * 3_600)

  public init() {}

  public subscript(kind: CredentialKind) -> Duration {
    switch kind {
    case .access: access
    case .refresh: refresh
    case .opaque: opaque
    case .sessionToken: sessionToken
    case .web: web
    case .dashboard: dashboard
    }
  }
}

/// Where a sign-in comes from.
public struct Origin: Sendable {
  public let dialect: Dialect
  public let address: String?
  public let userAgent: String?

  public init(dialect: Dialect, address: String?, userAgent: String?) {
    self.dialect = dialect
    self.address = address
    // Longer ones are nobody's browser; the record keeps the beginning.
    self.userAgent = userAgent.map { String($0.prefix(512)) }
  }
}

/// Who makes a request, as the credential that came with it tells.
public final class Caller: Sendable, RowDecodable {
  public let credential: UUID
  public let kind: String
  public let session: UUID
  public let dialect: String
  public let account: Int64
  public let userID: String
  public let username: String
  let isBanned: Bool
  /// The number of the last change to the bans, to tell whether a server knows it.
  public let bansVersion: Int64
  public let permission: Permission

  /// What `init` reads, in its order, of `source`.
  static let columns = """
    c.id, c.kind, s.id, s.dialect, a.id, a.user_id, a.username, \(User.isBannedSQL), p.bans, \
    p.code, p.level, p.is_admin
    """

  /// How many columns that are.
  static let columnCount = 12

  static let source = """
    credential c JOIN session s ON s.id = c.session JOIN account a ON a.id = s.account \
    JOIN permission p ON p.code = a.permission
    """

  /// The credential whose hash is `$1` stands, and with it its session and its account.
  static let isValid = """
    c.hash = $1 AND c.expires > now() AND c.revoked IS NULL AND c.spent IS NULL \
    AND s.revoked IS NULL AND s.expires > now() AND a.deleted IS NULL AND NOT \(User.isLockedSQL)
    """

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    credential = try cells.next()
    kind = try cells.next()
    session = try cells.next()
    dialect = try cells.next()
    account = try cells.next()
    userID = try cells.next()
    username = try cells.next()
    isBanned = try cells.next()
    bansVersion = try cells.next()
    permission = try cells.next(group: Permission.self)
  }
}
