import Postgres

extension Audit {
  /// The columns of `audit list`, newest first.
  public static let listing = Listing(from: "audit u", order: "u.id DESC", fields)

  /// The same with each record's number before it, for who follows them.
  public static let numbered = Listing(
    from: "audit u", order: "u.id DESC", [.init("id", .int, "u.id")] + fields)

  private static let fields: [Listing.Field] = [
    .init("time", .time, "u.time"),
    .init("actor", .text, "u.actor"),
    .init("address", .text, "host(u.address)"),
    .init("what", .text, "u.what"),
    .init("target", .text, "u.target"),
    .init("result", .text, "u.result"),
    .init("before", .text, "u.before::text", wide: true),
    .init("after", .text, "u.after::text", wide: true),
    .init("request", .text, "u.request", wide: true),
  ]

  public static func condition(since: Timestamp) -> Condition {
    Condition("u.time >= ?::timestamptz", .time(since))
  }

  public static func condition(until: Timestamp) -> Condition {
    Condition("u.time < ?::timestamptz", .time(until))
  }

  /// Who did it, or whom it was done to.
  public static func condition(user: String) -> Condition {
    Condition("(u.actor = ?::text OR u.target = ?::text)", .text(user), .text(user))
  }

  public static func condition(what: String) -> Condition {
    Condition("u.what = ?::text", .text(what))
  }

  public static func condition(after id: Int64) -> Condition {
    Condition("u.id > ?::bigint", .int(id))
  }
}
