import Postgres

extension Integers {
  /// What goes to the database at once: what a request holds twice while it is sent.
  private static let batchBytes = 1_048_576

  /// Stores sets in a session of an account; a set whose name is taken is replaced. All or nothing.
  /// - Parameter makesSession: whether the session is made where there is none.
  /// - Throws: `.conflict` where there is none.
  public func store(
    _ sets: [NewSet], in session: String, of account: Int64, makesSession: Bool = true
  ) async throws {
    // In the order of their names, so that two who store the same ones don't wait for each other.
    let sets = sets.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var batches = Self.batches(sets)[...]
    let first = (batches.popFirst() ?? ChunkBatch()).statement(
      Self.makeSets, .int(account), .text(session), .texts(sets.map(\.name)),
      .texts(sets.map(\.content.description)), .ints(sets.map { Int64($0.units) }))
    let others = batches.map { $0.statement(Self.addChunks) }
    let make = Self.makeSession(.int(account), .text(session))
    // Most sessions are there when something is stored in them. One that isn't, or is deleted at the
    // same time, is made together with what is stored, or not at all.
    for attempt in 0..<Self.mostAttempts {
      let makes = makesSession && (attempt > 0 || sets.isEmpty)
      let stored = try await store((makes ? [make] : []) + [first], others)
      if stored == sets.count { return }
      guard makesSession else { break }
    }
    throw Self.isGone(session)
  }

  private static let mostAttempts = 4

  private static func isGone(_ session: String) -> Refusal {
    .conflict("The session “\(session)” was deleted meanwhile.")
  }

  /// - Parameter first: at its end the statement that makes the sets.
  /// - Returns: how many there are now; none where there is no session, or not any more.
  private func store(_ first: [BoundStatement], _ others: [BoundStatement]) async throws -> Int {
    do {
      guard !others.isEmpty else { return try Self.count(try await database.run(first)) }
      return try await database.repeatableTransaction { transaction in
        let count = try Self.count(try await transaction.run(first))
        if count > 0 { for statement in others { try await transaction.query(statement) } }
        return count
      }
    } catch let error as PostgresError {
      guard error.constraint == "integer_set_session_fkey" else { throw People.missing(error) }
      return 0
    }
  }

  private static func count(_ rows: [Rows]) throws(PostgresError) -> Int {
    try rows[rows.count - 1][0].decode(Int.self)
  }

  private static let makeSession = Statement(
    "INSERT INTO integer_session (account, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", .writes)

  /// Makes the sets, and the first batch of their chunks.
  private static let makeSets = Statement(
    """
    WITH made AS (
      INSERT INTO integer_set AS t (session, name, content, units)
      SELECT g.id, n.name, n.content::uuid, n.units
      FROM integer_session g,
        unnest($3::text[], $4::text[], $5::bigint[]) n(name, content, units)
      WHERE g.account = $1 AND g.name = $2 ORDER BY n.name COLLATE "C"
      ON CONFLICT (session, name) DO UPDATE
      SET content = excluded.content, units = excluded.units, changed = now()
      RETURNING 1
    ), filled AS (
      \(insertChunks(from: 6)) WHERE EXISTS (SELECT FROM made)
    )
    SELECT count(*) FROM made
    """, .writes)

  private static let addChunks = Statement(insertChunks(from: 1), .writes)

  /// What a `ChunkBatch` is stored by.
  /// - Parameter first: the number of its first placeholder.
  private static func insertChunks(from first: Int) -> String {
    """
    INSERT INTO integer_chunk (content, number, last, units)
    SELECT n.content::uuid, n.number, n.last, n.units
    FROM unnest(
      $\(first)::text[], $\(first + 1)::bigint[], $\(first + 2)::bigint[], $\(first + 3)::bytea[]
    ) n(content, number, last, units)
    """
  }

  private static func batches(_ sets: [NewSet]) -> [ChunkBatch] {
    var batches: [ChunkBatch] = []
    var batch = ChunkBatch()
    for set in sets {
      let content = set.content.description
      for (number, chunk) in set.chunks.enumerated() {
        batch.add(chunk, number, of: content)
        guard batch.bytes >= batchBytes else { continue }
        batches.append(batch)
        batch = ChunkBatch()
      }
    }
    return batch.bytes > 0 ? batches + [batch] : batches
  }
}

/// Chunks that are stored by one statement.
private struct ChunkBatch {
  private var contents: [String] = []
  private var numbers: [Int64] = []
  private var lasts: [Int64] = []
  private var units: [[UInt8]] = []
  private(set) var bytes = 0

  mutating func add(_ chunk: PackedUnits, _ number: Int, of content: String) {
    contents.append(content)
    numbers.append(Int64(number))
    lasts.append(chunk.last)
    units.append(chunk.bytes)
    bytes += chunk.bytes.count
  }

  /// The statement with what it takes first, and the chunks behind.
  func statement(_ statement: Statement, _ first: Parameter...) -> BoundStatement {
    BoundStatement(
      statement: statement,
      parameters: first + [.texts(contents), .ints(numbers), .ints(lasts), .byteArrays(units)])
  }
}
