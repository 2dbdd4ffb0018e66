import Postgres

extension Users {
  /// The columns of `user list`.
  public static let listing = Listing(
    from: User.source, order: ["id"],
    searched: [
      .number("a.id"), .beginning("a.username_key"), .beginning("a.email_key"), .text("a.user_id"),
    ],
    [
      .init("id", .int, "a.id", indexed: "a.id"),
      .init(.username, "a.username", indexed: "a.username_key"),
      .init("email", .text, "a.email"),
      .init("first_name", .text, "a.first_name"),
      .init("last_name", .text, "a.last_name"),
      .init("permission", .int, "a.permission"),
      .init("level", .text, "p.level"),
      .init("two_factor", .bool, "a.two_factor"),
      .init("locked", .bool, User.isLockedSQL),
      .init("created", .time, "a.created", indexed: "a.created"),
      .init("last_login", .time, "a.last_login"),
      .init("user_id", .text, "a.user_id", wide: true),
      .init("is_42", .bool, "a.is_42", wide: true),
      .init("is_connected", .bool, isConnectedSQL("a"), wide: true),
      .init("deleted", .time, "a.deleted", wide: true),
      .init("avatar", .text, "a.avatar", wide: true),
    ])

  /// With what only an export has.
  public static let exportListing = Listing(
    from: listing.from, order: listing.order, searched: listing.searched,
    listing.fields + [.init("password_hash", .text, "a.password_hash", wide: true)])

  /// Connected is who has a community session that was seen in the last five minutes, or an open
  /// chat socket on some server. Not by EXISTS, for which the planner would read the whole of both
  /// tables at every page of a list.
  /// - Parameter account: what the account's table is called.
  static func isConnectedSQL(_ account: String) -> String {
    """
    coalesce(
      (SELECT true FROM session s WHERE s.account = \(account).id AND s.dialect = 'community'
        AND s.revoked IS NULL AND s.expires > now()
        AND s.last_seen > now() - interval '5 minutes' LIMIT 1),
      (SELECT true FROM open_socket k WHERE k.account = \(account).id AND k.kind = 'chat' LIMIT 1),
      false)
    """
  }

  public static func condition(permission: Int) -> Condition {
    Condition("a.permission = ?::bigint", .int(permission))
  }

  public static func condition(locked: Bool) -> Condition {
    Condition("\(User.isLockedSQL) = ?::boolean", .bool(locked))
  }

  public static func condition(deleted: Bool) -> Condition {
    Condition("(a.deleted IS NOT NULL) = ?::boolean", .bool(deleted))
  }

  public static func condition(id: Int64) -> Condition {
    Condition("a.id = ?::bigint", .int(id))
  }
}
