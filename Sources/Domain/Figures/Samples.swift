import Postgres

/// What one server counted in one minute.
public struct Sample: Sendable {
  public var requests: Int64 = 0
  public var signIns: Int64 = 0
  public var signInFailures: Int64 = 0
  public var stun: Int64 = 0

  public init() {}

  public init(requests: Int64, signIns: Int64, signInFailures: Int64, stun: Int64) {
    self.requests = requests
    self.signIns = signIns
    self.signInFailures = signInFailures
    self.stun = stun
  }
}

/// What the servers counted, minute by minute, for a week.
public struct Samples: Sendable {
  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// Adds a server's last minute, and what is open on it at its end.
  public func add(_ sample: Sample, server: UUID) async throws {
    try await database.query(
      Self.add, .uuid(server), .int(sample.requests), .int(sample.signIns),
      .int(sample.signInFailures), .int(sample.stun))
  }

  private static let add = Statement(
    """
    INSERT INTO sample (server, requests, sign_ins, sign_in_failures, stun, sockets, streams)
    SELECT $1, $2, $3, $4, $5, count(*), count(*) FILTER (WHERE kind = 'publish')
    FROM socket WHERE server = $1
    """, .writes)

  /// All servers together in one of the pieces that a stretch of time is cut into.
  public struct Point: Sendable, RowDecodable {
    /// Its place, the oldest is 0.
    public let index: Int
    public let requests: Int64
    public let signIns: Int64
    public let signInFailures: Int64
    public let stun: Int64
    public let sockets: Int64
    public let streams: Int64

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      index = try cells.next()
      requests = try cells.next()
      signIns = try cells.next()
      signInFailures = try cells.next()
      stun = try cells.next()
      sockets = try cells.next()
      streams = try cells.next()
    }
  }

  /// The last hours in pieces; those in which no server ran are left out.
  /// - Parameter minutes: of one piece.
  public func points(hours: Int, minutes: Int) async throws -> [Point] {
    try await database.all(Point.self, Self.points, .int(hours), .int(minutes))
  }

  /// What was counted adds up; what is open is the most that was open at once.
  private static let points = Statement(
    """
    SELECT q.piece, sum(q.requests)::bigint, sum(q.sign_ins)::bigint,
      sum(q.sign_in_failures)::bigint, sum(q.stun)::bigint, sum(q.sockets)::bigint,
      sum(q.streams)::bigint
    FROM (
      SELECT server, sum(requests) AS requests, sum(sign_ins) AS sign_ins,
        sum(sign_in_failures) AS sign_in_failures, sum(stun) AS stun,
        max(sockets) AS sockets, max(streams) AS streams,
        floor(extract(epoch FROM minute - (now() - $1::bigint * interval '1 hour'))
          / (60 * $2::bigint))::bigint AS piece
      FROM sample
      WHERE minute > now() - $1::bigint * interval '1 hour' AND minute <= now()
      GROUP BY server, piece) q
    GROUP BY q.piece ORDER BY q.piece
    """)
}
