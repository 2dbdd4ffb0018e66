import Postgres

/// Reads a content's chunks from the first to the last, some at a time.
public struct UnitReader: Sendable {
  /// Chunks that are read at once: what a request holds of a set, however large it is.
  public static let page = 8

  private let database: any Querying
  private let content: UUID
  private let pageSize: Int
  /// In order; the next one is at the front.
  private var chunks: ArraySlice<PackedUnits>
  /// The number of the first chunk that hasn't been read, and how many there are.
  private var unread: Int
  private let count: Int

  /// - Parameters:
  ///   - first: the number of the first chunk that was read with the set.
  ///   - pageSize: chunks to read at once.
  public init(
    _ set: StoredSet, first: Int = 0, pageSize: Int = UnitReader.page, _ database: any Querying
  ) {
    self.database = database
    self.pageSize = pageSize
    content = set.content
    chunks = set.chunks[...]
    unread = first + set.chunks.count
    count = set.chunkCount
  }

  /// Reads a set from its beginning.
  public init(_ set: StoredSet, _ integers: Integers) { self.init(set, integers.database) }

  /// Of a set that was stored just now. A short one is at hand still; of a long one no more than
  /// its beginning is kept, since who reads it may be slow.
  public init(stored set: NewSet, _ database: any Querying) {
    self.init(
      StoredSet(
        name: set.name, content: set.content, units: set.units,
        chunks: Array(set.chunks.prefix(Self.page))), database)
  }

  /// Whether nothing has to be asked of the database any more.
  public var isAtHand: Bool { unread >= count }

  /// The next chunk; nil behind the last.
  /// - Throws: `.conflict` where the set was given up so long ago that it is gone.
  public mutating func next() async throws -> PackedUnits? {
    if chunks.isEmpty, unread < count {
      let end = min(unread + pageSize, count)
      let read = try await database.all(
        PackedUnits.self, Self.chunks, .uuid(content), .int(unread), .int(end))
      guard read.count == end - unread else {
        throw Refusal.conflict("The set was deleted while it was read.")
      }
      chunks = read[...]
      unread = end
    }
    return chunks.popFirst()
  }

  private static let chunks = Statement(
    """
    SELECT last, units FROM integer_chunk
    WHERE content = $1 AND number >= $2 AND number < $3 ORDER BY number
    """)
}

extension Integers {
  /// Reads a set from its beginning, whoever's it is.
  /// - Throws: `.notFound`.
  public func reader(of item: Moderation.Item) async throws -> UnitReader {
    let rows = try await database.query(Self.byID, .int(Int64(item.id)))
    guard let row = rows.first else {
      throw Refusal.notFound("There is no set of integers “\(item.id)”.")
    }
    let (name, content, units) = try row.decode(String.self, UUID.self, Int.self)
    return UnitReader(
      StoredSet(name: name, content: content, units: units, chunks: []), database)
  }

  private static let byID = Statement("SELECT name, content, units FROM integer_set WHERE id = $1")
}
