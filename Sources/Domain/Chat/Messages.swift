import Postgres

/// A message that isn't stored yet.
public struct NewMessage: Sendable {
  public let conversation: Int64
  public let sender: Int64
  public let body: String

  /// Unicode scalars.
  public static let lengths = 1...4_000

  public init(conversation: Int64, sender: Int64, body: String) {
    self.conversation = conversation
    self.sender = sender
    self.body = body
  }
}

/// A message that is stored, and the one before it.
public struct StoredMessage: Sendable {
  public let conversation: Int64
  public let message: Message
  /// The id of the conversation's message before it, 0 for none: who has that one and gets this one
  /// misses nothing.
  public let previous: Int64
}

/// Messages on their way into conversations.
public struct Messages: Sendable {
  /// The channel on which it is told which conversation has which new message, by their ids;
  /// the id 0 tells that the conversation is gone.
  public static let channel = "havocctl_chat"

  private let database: any Querying
  private let server: UUID?

  /// - Parameter server: who writes; nil for nobody who serves.
  public init(_ database: any Querying, server: UUID? = nil) {
    self.database = database
    self.server = server
  }

  /// The id of a conversation's newest message, 0 for none.
  public func newest(in conversation: Int64) async throws -> Int64 {
    try await database.query(Self.newestID, .int(conversation))[0].decode(Int64.self)
  }

  private static let newestID = Statement(
    "SELECT coalesce(max(id), 0) FROM message WHERE conversation = $1")

  /// The id of a conversation's newest message, 0 for none.
  /// - Throws: `.notFound`; `.forbidden` for who isn't one of the two.
  public func newest(in conversation: Int64, for caller: Caller) async throws -> Int64 {
    let rows = try await database.query(Self.newest, .int(conversation), .int(caller.account))
    guard let row = rows.first else {
      throw Refusal.notFound("There is no conversation \(conversation).")
    }
    let (isMember, newest) = try row.decode(Bool.self, Int64.self)
    guard isMember else { throw Conversations.foreign }
    return newest
  }

  private static let newest = Statement(
    """
    SELECT $2 IN (c.initiator, c.receiver),
      (SELECT coalesce(max(m.id), 0) FROM message m WHERE m.conversation = c.id)
    FROM conversation c WHERE c.id = $1
    """)

  /// Stores messages together, in their order; they are committed when it returns. Other servers
  /// hear of them, where there are any: telling nobody would cost as much as storing.
  /// - Throws: `PostgresError`; a conversation that is gone fails all.
  public func store(_ new: [NewMessage]) async throws -> [StoredMessage] {
    let conversations = new.map(\.conversation)
    let rows = try await database.run([
      Self.lock(.ints(Set(conversations.map(Self.lockKey)).sorted())),
      Self.insert(
        .ints(conversations), .ints(new.map(\.sender)), .texts(new.map(\.body)), .uuid(server)),
    ])[1]
    var newest: [Int64: Int64] = [:]
    return try rows.map { row throws(PostgresError) in
      var cells = row.cells
      let conversation = try cells.decode(Int64.self)
      let previous = try cells.decode(Int64.self)
      let message = try cells.decode(Message.self)
      defer { newest[conversation] = message.id }
      return StoredMessage(
        conversation: conversation, message: message,
        previous: newest[conversation] ?? previous)
    }
  }

  /// Among all advisory locks that of a conversation; one that happens to be another's as well
  /// costs a wait and nothing else.
  private static func lockKey(_ conversation: Int64) -> Int64 { conversation ^ (0x6368_6174 << 32) }

  /// Until the transaction ends; the keys rise, so that no two transactions wait for each other.
  private static let lock = Statement(
    "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) key", .writes)

  private static let insert = Statement(
    """
    WITH made AS (
      INSERT INTO message (conversation, sender, body)
      SELECT n.conversation, n.sender, n.body
      FROM unnest($1::bigint[], $2::bigint[], $3::text[])
        WITH ORDINALITY n(conversation, sender, body, place) ORDER BY n.place
      RETURNING *
    ), told AS MATERIALIZED (
      SELECT pg_notify('\(channel)', conversation || ' ' || max(id)) FROM made
      WHERE EXISTS (SELECT FROM server WHERE id IS DISTINCT FROM $4::uuid)
      GROUP BY conversation
    )
    SELECT m.conversation,
      (SELECT coalesce(max(b.id), 0) FROM message b WHERE b.conversation = m.conversation),
      \(Message.columns)
    FROM made m JOIN account o ON o.id = m.sender
    WHERE (SELECT count(*) FROM told) >= 0 ORDER BY m.id
    """, .writes)
}
