import Postgres

extension MailQueue {
  /// How much mail there is.
  public struct Depth: Sendable, RowDecodable {
    /// Not tried yet.
    public let waiting: Int64
    /// Tried in vain, and to be tried again.
    public let failing: Int64
    public let givenUp: Int64

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      waiting = try cells.next()
      failing = try cells.next()
      givenUp = try cells.next()
    }
  }

  public func depth() async throws -> Depth {
    try await database.query(Self.count)[0].decode(Depth.self)
  }

  private static let count = Statement(
    """
    SELECT count(*) FILTER (WHERE gave_up IS NULL AND last_error IS NULL),
      count(*) FILTER (WHERE gave_up IS NULL AND last_error IS NOT NULL),
      count(*) FILTER (WHERE gave_up IS NOT NULL)
    FROM mail
    """)
}
