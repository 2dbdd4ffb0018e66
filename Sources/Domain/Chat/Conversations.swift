import Postgres

/// Two people who write to each other; one conversation whoever began it.
public struct Conversation: Sendable, RowDecodable {
  public let id: Int64
  public let initiator: Person
  public let receiver: Person

  /// What `init` reads, in its order, of `source`.
  static let columns = "c.id, \(Person.columns("i")), \(Person.columns("v"))"
  static let source = """
    conversation c JOIN account i ON i.id = c.initiator JOIN account v ON v.id = c.receiver
    """

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    initiator = try cells.next(group: Person.self)
    receiver = try cells.next(group: Person.self)
  }
}

/// One message of a conversation.
public struct Message: Sendable, RowDecodable {
  public let id: Int64
  public let sender: String
  public let body: String
  public let created: Timestamp

  /// What `init` reads, in its order, of `source`.
  static let columns = "m.id, o.username, m.body, m.created"
  static let source = "message m JOIN account o ON o.id = m.sender"

  public init(id: Int64, sender: String, body: String, created: Timestamp) {
    self.id = id
    self.sender = sender
    self.body = body
    self.created = created
  }

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    sender = try cells.next()
    body = try cells.next()
    created = try cells.next()
  }
}

/// Conversations and what was said in them.
public struct Conversations: Sendable {
  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// The conversation with somebody, made where there is none.
  /// - Returns: it, and whether it is new.
  /// - Throws: `.notFound`; `.invalid` for oneself; `.conflict` where it would be new and the other
  ///   isn't connected.
  public func start(
    _ caller: Caller, with username: String
  ) async throws -> (conversation: Conversation, isNew: Bool) {
    let rows = try await People.present { () throws(PostgresError) in
      try await database.query(
        Self.start, .int(caller.account), .text(username.caseFoldedKey))
    }
    guard let row = rows.first else {
      throw Refusal.notFound("There is no user “\(username)”.")
    }
    let (other, name, made, known) = try row.decode(
      Int64.self, String.self, Int64?.self, Int64?.self)
    guard other != caller.account else {
      throw Refusal.invalid([FieldError("username", "You can't converse with yourself.")])
    }
    if let id = made ?? known { return (try await find(id), made != nil) }
    // Somebody else's hand may have made it in between.
    if let id = try await database.first(ID.self, Self.ofPair, .int(caller.account), .int(other)) {
      return (try await find(id.value), false)
    }
    throw Refusal.conflict("\(name) isn't connected.")
  }

  private struct ID: RowDecodable {
    let value: Int64

    init(_ cells: inout Cells) throws(DecodingFailure) { value = try cells.next() }
  }

  private static func isPair(_ other: String) -> String {
    """
    least(initiator, receiver) = least($1::bigint, \(other)::bigint)
      AND greatest(initiator, receiver) = greatest($1::bigint, \(other)::bigint)
    """
  }

  private static let ofPair = Statement("SELECT id FROM conversation WHERE \(isPair("$2"))")

  private static let start = Statement(
    """
    WITH target AS (
      SELECT * FROM account WHERE username_key = $2 AND deleted IS NULL
    ), made AS (
      INSERT INTO conversation (initiator, receiver)
      SELECT $1::bigint, t.id FROM target t
      WHERE t.id <> $1::bigint AND \(Users.isConnectedSQL("t"))
        AND NOT EXISTS (SELECT FROM conversation WHERE \(isPair("t.id")))
      ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT t.id, t.username, (SELECT id FROM made),
      (SELECT id FROM conversation WHERE \(isPair("t.id"))) FROM target t
    """, .writes)

  /// - Throws: `.notFound`.
  public func find(_ id: Int64) async throws -> Conversation {
    guard let found = try await database.first(Conversation.self, Self.byID, .int(id)) else {
      throw Refusal.notFound("There is no conversation \(id).")
    }
    return found
  }

  private static let byID = Statement(
    "SELECT \(Conversation.columns) FROM \(Conversation.source) WHERE c.id = $1")

  /// The conversation, for one of its two.
  /// - Throws: `.notFound`; `.forbidden` for anybody else.
  public func find(_ id: Int64, for caller: Caller) async throws -> Conversation {
    let found = try await find(id)
    guard [found.initiator.id, found.receiver.id].contains(caller.account) else {
      throw Self.foreign
    }
    return found
  }

  /// What is answered to who isn't one of the two.
  public static let foreign = Refusal.forbidden("This conversation isn't yours.")

  /// A conversation and the newest message of it.
  public struct Summary: Sendable, RowDecodable {
    public let conversation: Conversation
    public let lastMessage: Message?

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      conversation = try cells.next(group: Conversation.self)
      lastMessage = cells.isNextNull ? nil : try cells.next(group: Message.self)
    }
  }

  /// A page of somebody's conversations, by id.
  public func page(of account: Int64, after id: Int64, limit: Int) async throws -> [Summary] {
    try await database.all(Summary.self, Self.page, .int(account), .int(id), .int(limit))
  }

  private static let page = Statement(
    """
    SELECT \(Conversation.columns), q.*
    FROM (
      (SELECT * FROM conversation WHERE initiator = $1 AND id > $2 ORDER BY id LIMIT $3)
      UNION ALL
      (SELECT * FROM conversation WHERE receiver = $1 AND id > $2 ORDER BY id LIMIT $3)
    ) c JOIN account i ON i.id = c.initiator JOIN account v ON v.id = c.receiver
    LEFT JOIN LATERAL (
      SELECT \(Message.columns) FROM \(Message.source)
      WHERE m.conversation = c.id ORDER BY m.id DESC LIMIT 1) q ON true
    ORDER BY c.id LIMIT $3
    """)

  /// A page of what was said, by id.
  public func messages(
    in conversation: Int64, after id: Int64, limit: Int
  ) async throws -> [Message] {
    try await database.all(
      Message.self, Self.messages, .int(conversation), .int(id), .int(limit))
  }

  private static let messages = Statement(
    """
    SELECT \(Message.columns) FROM \(Message.source)
    WHERE m.conversation = $1 AND m.id > $2 ORDER BY m.id LIMIT $3
    """)
}
