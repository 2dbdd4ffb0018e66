import Postgres

/// Mail that is to be sent, in the database: whichever server is free takes it.
public struct MailQueue: Sendable {
  /// The channel on which new mail is told.
  public static let channel = "havocctl_mail"

  /// One mail, taken to be sent.
  struct Item: Sendable, RowDecodable {
    let id: Int64
    let account: Int64
    let username: String
    let recipient: String
    let attempts: Int
    /// Whether it has waited for as long as it may.
    let isOverdue: Bool

    init(_ cells: inout Cells) throws(DecodingFailure) {
      id = try cells.next()
      account = try cells.next()
      username = try cells.next()
      recipient = try cells.next()
      attempts = try cells.next()
      isOverdue = try cells.next()
    }
  }

  let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// The statement that wakes the servers.
  static func notify() -> BoundStatement { Statement.once("NOTIFY \(channel)")() }

  /// Takes the mail that is due longest. It is nobody else's until the lease ends, and due again
  /// then, should this server die over it.
  func take(lease: Duration, giveUp: Duration) async throws -> Item? {
    try await database.first(
      Item.self, Self.take, .int(lease.components.seconds), .int(giveUp.components.seconds))
  }

  private static let take = Statement(
    """
    WITH taken AS (
      UPDATE mail SET attempts = attempts + 1,
        due = now() + $1::bigint * interval '1 second'
      WHERE id = (SELECT id FROM mail WHERE gave_up IS NULL AND due <= now()
        ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING *
    )
    SELECT t.id, t.account, a.username, t.recipient, t.attempts,
      t.created < now() - $2::bigint * interval '1 second'
    FROM taken t JOIN account a ON a.id = t.account
    """, .writes)

  func sent(_ item: Item, by actor: Actor) async throws {
    _ = try await database.run([
      Self.remove(.int(item.id)),
      Audit.record(.mailSent, by: actor, on: item.username),
    ])
  }

  /// - Parameter retry: when it is due again; nil to give it up.
  func failed(_ item: Item, _ why: String, retry: Duration?, by actor: Actor) async throws {
    let reason = String(why.prefix(500))
    _ = try await database.run([
      Self.fail(
        .int(item.id), .text(reason), .int(retry?.components.seconds)),
      Audit.record(
        retry == nil ? .mailGivenUp : .mailFailed, by: actor, on: item.username, .failed,
        after: [.init("why", .string(reason)), .init("attempts", .int(Int64(item.attempts)))]),
    ])
  }

  /// Seconds until a mail is due; `idle` where none is before that.
  func nextDue(idle: Int) async throws -> Int {
    try await database.query(Self.nextDue, .int(idle))[0].decode(Int.self)
  }

  static let remove = Statement("DELETE FROM mail WHERE id = $1", .writes)
  private static let fail = Statement(
    """
    UPDATE mail SET last_error = $2,
      due = now() + coalesce($3::bigint, 0) * interval '1 second',
      gave_up = CASE WHEN $3::bigint IS NULL THEN now() END
    WHERE id = $1
    """, .writes)
  private static let nextDue = Statement(
    """
    SELECT least(coalesce(max(greatest(ceil(extract(epoch FROM q.due - now())), 0)), $1::bigint),
      $1::bigint)::bigint
    FROM (SELECT due FROM mail WHERE gave_up IS NULL ORDER BY due LIMIT 1) q
    """)
}
