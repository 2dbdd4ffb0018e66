import Postgres

/// Streaming sessions: somebody publishes, others watch, and nothing of it is kept.
public struct Streams: Sendable {
  /// The channel on which it is told what became of a stream: a word and its id.
  public static let channel = "havocctl_streams"

  let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// Begins one, which a publisher must open within a while.
  public func start(_ caller: Caller, openWithin patience: Duration) async throws -> UUID {
    try await database.query(
      Self.start, .int(caller.account), .uuid(caller.session), .time(.now + patience))[0]
      .decode(UUID.self)
  }

  private static let start = Statement(
    """
    INSERT INTO stream (account, session, open_until) VALUES ($1, $2, $3) RETURNING id
    """, .writes)

  private static let unknown = Refusal.notFound("There is no such streaming session.")

  /// Ends one of the caller's own, or anybody's for an administrator.
  /// - Throws: `.notFound`, `.forbidden`.
  public func end(_ id: UUID, by caller: Caller) async throws {
    let rows = try await database.query(Self.owner, .uuid(id))
    guard let row = rows.first else { throw Self.unknown }
    guard try row.decode(Int64.self) == caller.account || caller.permission.isAdmin else {
      throw Refusal.forbidden("This streaming session isn't yours.")
    }
    guard try await end([id]).count == 1 else { throw Self.unknown }
  }

  private static let owner = Statement("SELECT account FROM live_stream WHERE id = $1")

  /// - Returns: those that hadn't ended yet.
  @discardableResult
  public func end(_ ids: [UUID]) async throws -> [UUID] {
    try await database.query(Self.end, .texts(ids.map(\.hex)))
      .map { row throws(PostgresError) in try row.decode(UUID.self) }
  }

  private static let end = Statement(
    """
    UPDATE stream SET ended = now() WHERE id = ANY ($1::uuid[]) AND ended IS NULL RETURNING id
    """, .writes)

  /// Ends those that nobody opened in time, and those whose server is dead.
  public func endAbandoned() async throws { try await database.query(Self.endAbandoned) }

  private static let endAbandoned = Statement(
    """
    UPDATE stream SET ended = now()
    WHERE ended IS NULL AND id NOT IN (SELECT id FROM live_stream)
    """, .writes)

  /// The live ones, of one account or of all, in the order in which they began.
  public func active(of account: Int64?) async throws -> [UUID] {
    try await database.query(Self.active, .int(account))
      .map { row throws(PostgresError) in try row.decode(UUID.self) }
  }

  private static let active = Statement(
    """
    SELECT id FROM live_stream WHERE account = $1 OR $1::bigint IS NULL ORDER BY started, id
    """)

  // MARK: Sockets

  /// Whose stream it is, and the session that began it.
  public struct Owner: Sendable, RowDecodable {
    public let account: Int64
    public let session: UUID

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      account = try cells.next()
      session = try cells.next()
    }
  }

  /// Makes a server the place of a stream's publisher, of whom there may be one, once.
  /// - Throws: `.notFound`; `.conflict` for a second one.
  public func open(_ id: UUID, on server: UUID) async throws -> Owner {
    if let owner = try await database.first(Owner.self, Self.open, .uuid(id), .uuid(server)) {
      return owner
    }
    guard try await database.query(Self.owner, .uuid(id)).isEmpty else {
      throw Refusal.conflict("This streaming session has its publisher already.")
    }
    throw Self.unknown
  }

  private static let open = Statement(
    """
    UPDATE stream s SET opened = now(), server = $2
    FROM session e JOIN account a ON a.id = e.account
    WHERE s.id = $1 AND s.ended IS NULL AND s.opened IS NULL AND s.open_until > now()
      AND e.id = s.session AND e.revoked IS NULL AND e.expires > now() AND a.deleted IS NULL
      AND NOT \(User.isLockedSQL) AND NOT \(User.isBannedSQL)
    RETURNING s.account, s.session
    """, .writes)

  /// Whether a caller may watch a stream.
  /// - Throws: `.notFound`, `.forbidden`.
  public func checkWatcher(_ id: UUID, _ caller: Caller) async throws {
    let rows = try await database.query(Self.owner, .uuid(id))
    guard let row = rows.first else { throw Self.unknown }
    guard try row.decode(Int64.self) == caller.account || caller.permission.isStaff else {
      throw Refusal.forbidden("Its owner and staff may watch a streaming session.")
    }
  }

  /// Which of these have ended.
  public func ended(_ ids: [UUID]) async throws -> [UUID] {
    try await database.query(Self.ended, .texts(ids.map(\.hex)))
      .map { row throws(PostgresError) in try row.decode(UUID.self) }
  }

  private static let ended = Statement(
    """
    SELECT id FROM unnest($1::uuid[]) n(id)
    WHERE NOT EXISTS (SELECT FROM live_stream s WHERE s.id = n.id)
    """)

  /// What went through a stream since it was last told.
  public struct Traffic: Sendable {
    public var frames: Int64 = 0
    public var bytes: Int64 = 0
    public var dropped: Int64 = 0

    public init() {}

    public var isEmpty: Bool { frames == 0 && dropped == 0 }
  }

  public func count(_ traffic: [(id: UUID, traffic: Traffic)]) async throws {
    try await database.query(
      Self.count, .texts(traffic.map(\.id.hex)), .ints(traffic.map(\.traffic.frames)),
      .ints(traffic.map(\.traffic.bytes)), .ints(traffic.map(\.traffic.dropped)))
  }

  private static let count = Statement(
    """
    UPDATE stream s
    SET frames = s.frames + n.frames, bytes = s.bytes + n.bytes, dropped = s.dropped + n.dropped
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) n(id, frames, bytes, dropped)
    WHERE s.id = n.id
    """, .writes)
}
