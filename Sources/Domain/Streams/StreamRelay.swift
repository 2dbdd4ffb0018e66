import Postgres

/// Frames on their way between servers, which share a database and nothing else: who publishes on
/// one is watched on others.
public struct StreamRelay: Sendable {
  /// A frame of a publisher's or, the other way, of a watcher's.
  public struct Frame: Sendable, RowDecodable {
    public let id: Int64
    public let toPublisher: Bool
    public let isText: Bool
    public let body: [UInt8]

    public init(toPublisher: Bool, isText: Bool, body: [UInt8]) {
      id = 0
      self.toPublisher = toPublisher
      self.isText = isText
      self.body = body
    }

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      id = try cells.next()
      toPublisher = try cells.next()
      isText = try cells.next()
      body = try cells.next([UInt8].self)
    }
  }

  private let database: any Querying
  private let server: UUID

  public init(_ database: any Querying, server: UUID) {
    self.database = database
    self.server = server
  }

  /// Whether a stream is watched on another server.
  public func isWatchedElsewhere(_ stream: UUID) async throws -> Bool {
    try await database.query(
      Self.isWatchedElsewhere, .text(stream.description), .uuid(server))[0].decode(Bool.self)
  }

  private static let isWatchedElsewhere = Statement(
    """
    SELECT EXISTS (
      SELECT FROM open_socket WHERE target = $1 AND kind = 'watch' AND server <> $2)
    """)

  /// Tells every server that watchers came or went.
  public func tellWatchers(of stream: UUID) async throws {
    try await database.query(
      Self.tell, .text(Streams.channel), .text("watchers \(stream)"))
  }

  private static let tell = Statement("SELECT pg_notify($1, $2)", .writes)

  public func send(_ frame: Frame, _ stream: UUID) async throws {
    _ = try await database.run([
      Self.put(
        .uuid(stream), .uuid(server), .bool(frame.toPublisher), .bool(frame.isText),
        .bytes(frame.body)),
      Self.tell(.text(Streams.channel), .text("frames \(stream)")),
    ])
  }

  private static let put = Statement(
    """
    INSERT INTO stream_frame (stream, server, to_publisher, is_text, body)
    VALUES ($1, $2, $3, $4, $5)
    """, .writes)

  /// The newest frame there is, behind which a newcomer begins.
  public func newest() async throws -> Int64 {
    try await database.query(Self.newest)[0].decode(Int64.self)
  }

  private static let newest = Statement("SELECT coalesce(max(id), 0) FROM stream_frame")

  /// A few of the publisher's frames from another server behind an id, in order.
  public func frames(of stream: UUID, after id: Int64) async throws -> [Frame] {
    try await database.all(Frame.self, Self.take, .uuid(stream), .int(id), .uuid(server))
  }

  private static let take = Statement(
    """
    SELECT id, to_publisher, is_text, body FROM stream_frame
    WHERE stream = $1 AND id > $2 AND NOT to_publisher AND server <> $3 ORDER BY id LIMIT 8
    """)

  /// What watchers on other servers said to the publisher, in order; nobody gets it again.
  public func takeAnswers(to stream: UUID) async throws -> [Frame] {
    try await database.all(Frame.self, Self.takeAnswers, .uuid(stream), .uuid(server))
      .sorted { $0.id < $1.id }
  }

  private static let takeAnswers = Statement(
    """
    DELETE FROM stream_frame WHERE stream = $1 AND to_publisher AND server <> $2
    RETURNING id, to_publisher, is_text, body
    """, .writes)

  /// Removes what everybody has had the time to take.
  public func forget() async throws { try await database.query(Self.forget) }

  private static let forget = Statement(
    "DELETE FROM stream_frame WHERE created < now() - interval '5 seconds'", .writes)
}
