import Postgres

/// How much there is of what, found without counting large tables to their end.
public struct Totals: Sendable, RowDecodable {
  /// A count: exact while it is small.
  public struct Count: Sendable {
    public let value: Int64
    public let isExact: Bool
  }

  public let accounts: Count
  public let sessions: Count
  public let sockets: Count
  public let streams: Count
  public let bans: Count
  public let mail: Count
  /// Those that are alive.
  public let servers: Int64
  public let requestsPerSecond: Int64
  public let stunPerSecond: Int64

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    let most = Self.most
    func count(_ value: Int64) -> Count {
      Count(value: min(value, most), isExact: value <= most)
    }
    // More than are counted are told by the planner's statistics.
    let accounts: Int64 = try cells.next()
    let estimate: Int64 = try cells.next()
    self.accounts =
      accounts <= most
      ? count(accounts) : Count(value: max(estimate, most), isExact: false)
    sessions = count(try cells.next())
    sockets = count(try cells.next())
    streams = count(try cells.next())
    bans = count(try cells.next())
    mail = count(try cells.next())
    servers = try cells.next()
    requestsPerSecond = try cells.next()
    stunPerSecond = try cells.next()
  }

  /// Rows that are counted one by one.
  private static let most: Int64 = 10_000

  public static func read(_ database: any Querying) async throws -> Totals {
    try await database.query(query, .int(most + 1))[0].decode(Totals.self)
  }

  private static let query = Statement(
    """
    SELECT
      (SELECT count(*) FROM (SELECT FROM account LIMIT $1::bigint) q),
      (SELECT reltuples::bigint FROM pg_class WHERE oid = 'account'::regclass),
      (SELECT count(*) FILTER (WHERE q.revoked IS NULL) FROM
        (SELECT revoked FROM session WHERE expires > now() LIMIT $1::bigint) q),
      (SELECT count(*) FROM (SELECT FROM open_socket LIMIT $1::bigint) q),
      (SELECT count(*) FROM (SELECT FROM live_stream LIMIT $1::bigint) q),
      (SELECT count(*) FROM (SELECT FROM ban WHERE coalesce(expires > now(), true)
        LIMIT $1::bigint) q),
      (SELECT count(*) FROM (SELECT FROM mail WHERE gave_up IS NULL LIMIT $1::bigint) q),
      q.servers, q.requests, q.stun
    FROM (SELECT count(*) AS servers,
        coalesce(sum((figures ->> 'requests_per_second')::bigint), 0)::bigint AS requests,
        coalesce(sum((figures ->> 'stun_per_second')::bigint), 0)::bigint AS stun
      FROM live_server) q
    """)
}
