import Postgres

extension Audit {
  /// The columns of `audit list`, newest first.
  public static let listing = Listing(
    from: "audit u", order: ["-id"],
    searched: [.text("u.target"), .text("u.actor"), .text("u.what"), .network("u.address")],
    [
      .init("id", .int, "u.id", isHidden: true, indexed: "u.id"),
      .init("time", .time, "u.time"),
      .init("actor", .text, "u.actor"),
      .init("address", .text, "host(u.address)"),
      .init("what", .text, "u.what"),
      .init("target", .text, "u.target"),
      .init("result", .text, "u.result"),
      .init("before", .text, "u.before::text", wide: true),
      .init("after", .text, "u.after::text", wide: true),
      .init("request", .text, "u.request", wide: true),
    ])

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

  /// The newest records of what an account did, and of what was done to it: as many of each.
  public static func history(ofAccount name: String, limit: Int) -> Condition {
    Condition(
      """
      u.id IN (
        (SELECT id FROM audit WHERE target = ?::text ORDER BY time DESC LIMIT ?::bigint)
        UNION ALL
        (SELECT id FROM audit WHERE actor = ?::text ORDER BY time DESC LIMIT ?::bigint))
      """, .text(name), .int(limit), .text(name), .int(limit))
  }

  /// The newest records of what was done to a thing.
  /// - Parameter noun: what their `what` begins with.
  public static func history(of target: String, noun: String, limit: Int) -> Condition {
    Condition(
      """
      u.id IN (SELECT id FROM audit WHERE target = ?::text AND starts_with(what, ?::text)
        ORDER BY time DESC LIMIT ?::bigint)
      """, .text(target), .text(noun), .int(limit))
  }

  /// The newest records about a thing of somebody's.
  /// - Parameter member: under which name the record has the thing's id.
  public static func history(
    ofOwner owner: String, member: String, id: String, limit: Int
  ) -> Condition {
    Condition(
      """
      u.id IN (SELECT id FROM audit WHERE target = ?::text AND after ->> ?::text = ?::text
        ORDER BY time DESC LIMIT ?::bigint)
      """, .text(owner), .text(member), .text(id), .int(limit))
  }

  public static func condition(what: String) -> Condition {
    Condition("u.what = ?::text", .text(what))
  }

  public static func condition(after id: Int64) -> Condition {
    Condition("u.id > ?::bigint", .int(id))
  }
}
