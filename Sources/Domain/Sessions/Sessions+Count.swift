import Postgres

extension Sessions {
  /// How many live sessions a dialect has.
  public struct DialectCount: Sendable, RowDecodable {
    public let dialect: String
    public let count: Int64

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      dialect = try cells.next()
      count = try cells.next()
    }
  }

  /// Counts them one by one, which takes its time where there are millions.
  /// - Returns: one for every dialect.
  public static func countByDialect(_ database: any Querying) async throws -> [DialectCount] {
    try await database.query(counts, .texts(Dialect.allCases.map(\.rawValue))).map {
      try $0.decode(DialectCount.self)
    }
  }

  private static let counts = Statement(
    """
    SELECT d, coalesce(live.count, 0) FROM unnest($1::text[]) d
    LEFT JOIN (
      SELECT s.dialect, count(*) FROM session s WHERE \(isLiveSQL) GROUP BY s.dialect
    ) live ON live.dialect = d
    """)
}
