import Postgres

extension MailQueue {
  public static let listing = Listing(
    from: "mail m JOIN account a ON a.id = m.account", order: ["id"],
    searched: [
      .number("m.id"), .beginning("a.username_key"), .containing("m.recipient"),
    ],
    [
      .init("id", .int, "m.id", indexed: "m.id"),
      .init("username", .text, "a.username"),
      .init("recipient", .text, "m.recipient"),
      .init("purpose", .text, "m.purpose"),
      .init("created", .time, "m.created"),
      .init("due", .time, "m.due"),
      .init("attempts", .int, "m.attempts"),
      .init("state", .text, "CASE WHEN m.gave_up IS NULL THEN 'waiting' ELSE 'given up' END"),
      .init("last_error", .text, "m.last_error", wide: true),
    ])

  /// Those that a server still tries to send.
  public static let isWaiting = Condition("m.gave_up IS NULL")

  public static func condition(id: Int64) -> Condition { Condition("m.id = ?::bigint", .int(id)) }

  /// A mail in the queue, which no server takes while the transaction lasts.
  public struct Waiting: Sendable, RowDecodable {
    public let id: Int64
    let username: String

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      id = try cells.next()
      username = try cells.next()
    }
  }

  /// - Throws: `.notFound`.
  public func find(_ reference: String) async throws -> Waiting {
    guard let id = Int64(reference),
      let mail = try await database.first(Waiting.self, Self.find, .int(id))
    else { throw Refusal.notFound(Self.missing(reference)) }
    return mail
  }

  private static let find = Statement(
    """
    SELECT m.id, a.username FROM mail m JOIN account a ON a.id = m.account WHERE m.id = $1
    FOR UPDATE OF m
    """, .writes)

  /// Sends it as soon as a server is free.
  /// - Throws: `.conflict` where one of the kind is waiting already.
  public func retry(_ mail: Waiting, actor: Actor) async throws {
    do {
      _ = try await database.run([
        Self.retry(.int(mail.id)), Self.record(.mailRetry, of: mail, actor), Self.notify(),
      ])
    } catch {
      guard error.constraint == "mail_waiting" else { throw error }
      throw Refusal.conflict("A newer mail to the same account is waiting already.")
    }
  }

  private static let retry = Statement(
    "UPDATE mail SET due = now(), gave_up = NULL WHERE id = $1", .writes)

  /// Nobody gets it.
  public func delete(_ mail: Waiting, actor: Actor) async throws {
    _ = try await database.run([
      Self.remove(.int(mail.id)), Self.record(.mailDelete, of: mail, actor),
    ])
  }

  public static func missing(_ reference: String) -> String {
    "There is no mail “\(reference)” in the queue."
  }

  private static func record(
    _ event: Audit.Event, of mail: Waiting, _ actor: Actor
  ) -> BoundStatement {
    Audit.record(event, by: actor, on: mail.username, after: [.init("mail", .int(mail.id))])
  }
}
