import Postgres

/// A set that is stored.
public struct StoredSet: Sendable {
  public let name: String
  /// What its units are found by; another after each change.
  public let content: UUID
  public let units: Int
  /// The first of its chunks that were read with it, in order.
  public let chunks: [PackedUnits]

  /// A set that was stored just now.
  public init(_ set: NewSet) {
    self.init(name: set.name, content: set.content, units: set.units, chunks: [])
  }

  init(name: String, content: UUID, units: Int, chunks: [PackedUnits]) {
    self.name = name
    self.content = content
    self.units = units
    self.chunks = chunks
  }

  /// How many chunks it has.
  var chunkCount: Int { (units + UnitBlock.size - 1) / UnitBlock.size }
}

/// A set that isn't stored yet.
public struct NewSet: Sendable {
  public let name: String
  public let chunks: [PackedUnits]
  public let content = UUID.random()

  public var units: Int { chunks.reduce(0) { $0 + $1.count } }

  public init(name: String, chunks: [PackedUnits]) {
    self.name = name
    self.chunks = chunks
  }
}

/// Sets of integers, and the sessions that they stand in.
public struct Integers: Sendable {
  /// Bytes of a session's name.
  public static let longestSession = 255
  /// Sets that are posted together.
  public static let mostSets = 1_000

  let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  static func missing(set name: String) -> Refusal { .notFound("There is no set “\(name)”.") }
  public static func missing(session name: String) -> Refusal {
    .notFound("There is no session “\(name)”.")
  }

  // MARK: Reading

  /// The set `$3` of the caller's session `$2` and its first chunks behind the one with index `$4`.
  public static let setWithCaller = Statement.withCaller(
    """
    SELECT t.name, t.content, t.units, c.number, c.last, c.units AS packed
    FROM integer_session g JOIN integer_set t ON t.session = g.id
    LEFT JOIN LATERAL (
      SELECT * FROM integer_chunk b WHERE b.content = t.content AND b.last > $4::bigint
      ORDER BY b.number LIMIT \(UnitReader.page)
    ) c ON true
    WHERE g.account = a.id AND g.name = coalesce($2::text, s.id::text) AND t.name = $3::text
    """, columns: "q.name, q.content, q.units, q.number, q.last, q.packed")

  /// What `setWithCaller` found, and the number of its first chunk.
  /// - Throws: `.notFound`.
  public static func set(_ name: String, in rows: Rows) throws -> (set: StoredSet, first: Int) {
    var found: (content: UUID, units: Int)?
    var chunks: [(number: Int, packed: PackedUnits)] = []
    for row in rows {
      guard var cells = row.cellsBehindCaller() else { continue }
      cells.skip(1)
      found = (try cells.decode(UUID.self), try cells.decode(Int.self))
      guard !cells.isNextNull else { continue }
      chunks.append((try cells.decode(Int.self), try cells.decode(PackedUnits.self)))
    }
    guard let found else { throw missing(set: name) }
    chunks.sort { $0.number < $1.number }
    let set = StoredSet(
      name: name, content: found.content, units: found.units, chunks: chunks.map(\.packed))
    return (set, chunks.first?.number ?? set.chunkCount)
  }

  /// Sets that are looked up at once. What they hold can't change, so however long it takes to read
  /// so many, they are all as they were at the same time.
  public static let page = 10_000

  /// Sets of an account's session behind a name, by name, without their chunks.
  /// - Returns: nil where there is no such session.
  public func sets(
    of account: Int64, in session: String, after name: String = ""
  ) async throws -> [StoredSet]? {
    let rows = try await database.query(
      Self.sets, .int(account), .text(session), .text(name), .int(Self.page))
    guard !rows.isEmpty else { return nil }
    return try rows.compactMap { row throws(PostgresError) in
      var cells = row.cells
      return cells.isNextNull ? nil : try cells.decode(StoredSet.self)
    }
  }

  private static let sets = Statement(
    """
    SELECT t.name, t.content, t.units, NULL::bigint
    FROM integer_session g LEFT JOIN integer_set t ON t.session = g.id AND t.name > $3
    WHERE g.account = $1 AND g.name = $2 ORDER BY t.name LIMIT $4
    """)

  /// The same sets with the first chunk of each.
  public func withFirstChunks(_ sets: ArraySlice<StoredSet>) async throws -> [StoredSet] {
    var chunks: [UUID: PackedUnits] = [:]
    let contents = sets.map(\.content.description)
    for row in try await database.query(Self.firstChunks, .texts(contents)) {
      var cells = row.cells
      chunks[try cells.decode(UUID.self)] = try cells.decode(PackedUnits.self)
    }
    return sets.map { set in
      StoredSet(
        name: set.name, content: set.content, units: set.units,
        chunks: chunks[set.content].map { [$0] } ?? [])
    }
  }

  private static let firstChunks = Statement(
    """
    SELECT content, last, units FROM integer_chunk WHERE content = ANY ($1::uuid[]) AND number = 0
    """)

  // MARK: Deleting

  /// - Throws: `.notFound`.
  public func delete(set name: String, session: String, of account: Int64) async throws {
    let rows = try await database.query(
      Self.deleteSet, .int(account), .text(session), .text(name))
    guard rows.affected > 0 else { throw Self.missing(set: name) }
  }

  private static let deleteSet = Statement(
    """
    DELETE FROM integer_set t USING integer_session g
    WHERE g.account = $1 AND g.name = $2 AND t.session = g.id AND t.name = $3
    """, .writes)

  /// - Throws: `.notFound`.
  public func delete(session: String, of account: Int64) async throws {
    let rows = try await database.query(Self.deleteSession, .int(account), .text(session))
    guard rows.affected > 0 else { throw Self.missing(session: session) }
  }

  private static let deleteSession = Statement(
    "DELETE FROM integer_session WHERE account = $1 AND name = $2", .writes)

  /// Everything that an account has.
  static let deleteSessions = Statement(
    "DELETE FROM integer_session WHERE account = $1", .writes)
}

extension StoredSet: RowDecodable {
  /// From its name, content, number of units, and its first chunk.
  public init(_ cells: inout Cells) throws(DecodingFailure) {
    name = try cells.next()
    content = try cells.next()
    units = try cells.next()
    chunks = cells.isNextNull ? [] : [try cells.next(group: PackedUnits.self)]
  }
}

extension PackedUnits: RowDecodable {
  /// From the columns `last` and `units`.
  public init(_ cells: inout Cells) throws(DecodingFailure) {
    let last = try cells.next(Int64.self)
    let bytes = try cells.next([UInt8].self)
    guard let packed = PackedUnits(bytes, last: last) else {
      throw DecodingFailure("an integer chunk is damaged")
    }
    self = packed
  }
}
