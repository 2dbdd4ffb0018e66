import Postgres

/// Sessions and their credentials, as administrators see them and as sign-out ends them.
public struct Sessions: Sendable {
  let database: any Querying
  let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  /// Live: neither revoked nor expired.
  static let isLiveSQL = "(s.revoked IS NULL AND s.expires > now())"

  public static let listing = Listing(
    from: "session s JOIN account a ON a.id = s.account", order: ["-created", "-id"],
    searched: [.uuid("s.id"), .beginning("a.username_key"), .network("s.address")],
    [
      .uuid("id", "s.id"),
      .init("username", .text, "a.username"),
      .init("dialect", .text, "s.dialect"),
      .init("address", .text, "host(s.address)"),
      .init("created", .time, "s.created", indexed: "s.created"),
      .init("last_seen", .time, "s.last_seen"),
      .init("expires", .time, "s.expires"),
      .init(
        "sockets", .int, "(SELECT count(*) FROM open_socket k WHERE k.session = s.id)"),
      .init(
        "state", .text,
        """
        CASE WHEN s.revoked IS NOT NULL THEN 'revoked' WHEN s.expires <= now() THEN 'expired' \
        ELSE 'live' END
        """),
      .init("user_agent", .text, "s.user_agent", wide: true),
      .init("device", .text, deviceSQL, wide: true),
    ])

  /// A program's name is the first word of its user agent. A browser's isn't: all of them call
  /// themselves Mozilla, and name those whose pages they want to be given before themselves.
  private static let deviceSQL = """
    CASE WHEN s.user_agent NOT LIKE 'Mozilla/%' THEN split_part(split_part(s.user_agent, ' ', 1), '/', 1)
    ELSE CASE WHEN s.user_agent LIKE '%Edg%/%' THEN 'Edge' WHEN s.user_agent LIKE '%OPR/%' THEN 'Opera'
        WHEN s.user_agent LIKE '%Firefox/%' THEN 'Firefox'
        WHEN s.user_agent LIKE '%Chrom%/%' THEN 'Chrome'
        WHEN s.user_agent LIKE '%Safari/%' THEN 'Safari' ELSE 'a browser' END
      || CASE WHEN s.user_agent LIKE '%Android%' THEN ' on Android'
        WHEN s.user_agent LIKE '%iPhone%' THEN ' on an iPhone'
        WHEN s.user_agent LIKE '%iPad%' THEN ' on an iPad'
        WHEN s.user_agent LIKE '%Windows%' THEN ' on Windows'
        WHEN s.user_agent LIKE '%Mac OS X%' THEN ' on macOS'
        WHEN s.user_agent LIKE '%CrOS%' THEN ' on ChromeOS'
        WHEN s.user_agent LIKE '%Linux%' THEN ' on Linux' ELSE '' END END
    """

  public static let tokenListing = Listing(
    from: """
      credential c JOIN session s ON s.id = c.session JOIN account a ON a.id = s.account
      """,
    order: ["-created", "-id"],
    searched: [.uuid("c.id"), .uuid("c.session"), .beginning("a.username_key")],
    [
      .uuid("id", "c.id"),
      .uuid("session", "c.session"),
      .init("username", .text, "a.username"),
      .init("kind", .text, "c.kind"),
      .init("dialect", .text, "s.dialect"),
      .init("created", .time, "c.created", indexed: "c.created"),
      .init("expires", .time, "c.expires"),
      .init("last_used", .time, "c.last_used"),
      .init(
        "state", .text,
        """
        CASE WHEN c.revoked IS NOT NULL OR s.revoked IS NOT NULL THEN 'revoked' \
        WHEN c.spent IS NOT NULL THEN 'spent' \
        WHEN c.expires <= now() OR s.expires <= now() THEN 'expired' ELSE 'live' END
        """),
    ])

  /// Which sessions, or which tokens, a command is about; every part narrows the choice.
  public struct Selection: Sendable {
    public var account: Int64?
    public var dialect: String?
    public var address: String?
    public var kind: String?
    /// Created before.
    public var before: Timestamp?
    /// Not seen, or used, since.
    public var idleSince: Timestamp?
    public var expiredOnly = false
    /// Dead ones too.
    public var includesDead = false

    public init() {}

    /// - Parameter kindless: for sessions, which have no kind.
    public func conditions(forTokens: Bool) -> [Condition] {
      var conditions: [Condition] = []
      if let account { conditions.append(Condition("s.account = ?::bigint", .int(account))) }
      if let dialect { conditions.append(Condition("s.dialect = ?::text", .text(dialect))) }
      if let address { conditions.append(Condition("s.address <<= ?::inet", .text(address))) }
      if let kind, forTokens { conditions.append(Condition("c.kind = ?::text", .text(kind))) }
      if let before {
        conditions.append(
          Condition("\(forTokens ? "c" : "s").created < ?::timestamptz", .time(before)))
      }
      if let idleSince {
        let seen = forTokens ? "coalesce(c.last_used, c.created)" : "s.last_seen"
        conditions.append(Condition("\(seen) < ?::timestamptz", .time(idleSince)))
      }
      if expiredOnly {
        conditions.append(
          Condition(forTokens ? "(c.expires <= now() OR s.expires <= now())" : "s.expires <= now()")
        )
      } else if !includesDead {
        conditions.append(Condition(Sessions.isLiveSQL))
        if forTokens {
          conditions.append(
            Condition("c.revoked IS NULL AND c.spent IS NULL AND c.expires > now()"))
        }
      }
      return conditions
    }
  }

  static let revokeOne = Statement(
    "UPDATE session SET revoked = now() WHERE id = $1 AND revoked IS NULL", .writes)

  /// Ends the session that a caller is in.
  /// - Parameter deletingData: whether the account's sets of integers go with it.
  public func signOut(_ caller: Caller, deletingData: Bool = false) async throws {
    let actor = actor.named(caller.username)
    var statements = [
      Self.revokeOne(.uuid(caller.session)),
      Audit.record(
        .signOut, by: actor, on: caller.username,
        after: [.init("session", .string(caller.session.description))]),
    ]
    if deletingData {
      statements.append(Integers.deleteSessions(.int(caller.account)))
      statements.append(
        Audit.record(
          .integersDelete, by: actor, on: caller.username,
          after: [.init("sessions", .string("all"))]))
    }
    _ = try await database.run(statements)
  }

  /// Ends every session of the caller's account.
  public func signOutEverywhere(_ caller: Caller) async throws {
    _ = try await database.run([
      Users.endSessions(.int(caller.account), .null),
      Audit.record(
        .signOut, by: actor.named(caller.username), on: caller.username,
        after: [.init("sessions", .string("all"))]),
    ])
  }

  /// Ends the session of a refresh token, whatever the state of its access token.
  /// - Throws: `.unauthenticated` where there is no such live session.
  public func signOut(
    refreshToken: String, keys: SigningKeys, deletingData: Bool = false
  ) async throws {
    let owner = try await Authenticator(database, keys: keys).refreshOwner(refreshToken)
    try await signOut(owner, deletingData: deletingData)
  }
}

extension Authenticator {
  /// Whose refresh token it is, spent or not, while its session stands.
  /// - Throws: `.unauthenticated`.
  func refreshOwner(_ token: String) async throws -> Caller {
    let hash = try await verified(token, as: .refresh).hash
    guard let caller = try await database.first(Caller.self, Self.ofRefresh, .bytes(hash)) else {
      throw Self.rejected
    }
    return caller
  }

  private static let ofRefresh = Statement(
    """
    SELECT \(Caller.columns) FROM \(Caller.source)
    WHERE c.hash = $1 AND c.kind = 'refresh' AND c.revoked IS NULL AND c.expires > now()
      AND \(Sessions.isLiveSQL)
    """)
}
