import Postgres

extension Integers {
  /// What goes to the database at once: what a request holds twice while it is sent.
  private static let batchBytes = 1_048_576

  /// Stores sets in a session of an account, which is made where there is none; a set whose name is
  /// taken is replaced. All or nothing.
  public func store(_ sets: [NewSet], in session: String, of account: Int64) async throws {
    let sets = sets.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let frame = [
      Self.makeSession(.int(account), .text(session)),
      // In the order of their names, so that two who store the same ones don't wait for each other.
      Self.makeSets(
        .int(account), .text(session), .texts(sets.map(\.name)),
        .texts(sets.map(\.content.description)), .ints(sets.map { Int64($0.units) })),
    ]
    let batches = Self.batches(sets)
    do {
      let isStored: Bool
      if batches.count <= 1 {
        isStored = Self.isMade(sets, try await database.run(frame + batches))
      } else {
        isStored = try await database.repeatableTransaction { transaction in
          guard Self.isMade(sets, try await transaction.run(frame)) else { return false }
          for batch in batches { _ = try await transaction.run([batch]) }
          return true
        }
      }
      guard isStored else { throw Self.isGone(session) }
    } catch let error as PostgresError {
      guard error.constraint == "integer_set_session_fkey" else { throw People.missing(error) }
      throw Self.isGone(session)
    }
  }

  private static func isGone(_ session: String) -> Refusal {
    .conflict("The session “\(session)” was deleted meanwhile.")
  }

  /// Whether the session was there to make all sets in.
  private static func isMade(_ sets: [NewSet], _ rows: [Rows]) -> Bool {
    rows[1].affected == sets.count
  }

  private static let makeSession = Statement(
    """
    INSERT INTO integer_session (account, name) SELECT $1, $2
    WHERE NOT EXISTS (SELECT FROM integer_session WHERE account = $1 AND name = $2)
    ON CONFLICT DO NOTHING
    """, .writes)

  private static let makeSets = Statement(
    """
    INSERT INTO integer_set AS t (session, name, content, units)
    SELECT g.id, n.name, n.content::uuid, n.units
    FROM integer_session g, unnest($3::text[], $4::text[], $5::bigint[]) n(name, content, units)
    WHERE g.account = $1 AND g.name = $2 ORDER BY n.name COLLATE "C"
    ON CONFLICT (session, name) DO UPDATE
    SET content = excluded.content, units = excluded.units, changed = now()
    """, .writes)

  private static let addChunks = Statement(
    """
    INSERT INTO integer_chunk (content, number, last, units)
    SELECT n.content::uuid, n.number, n.last, n.units
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[])
      n(content, number, last, units)
    """, .writes)

  private static func batches(_ sets: [NewSet]) -> [BoundStatement] {
    var batches: [BoundStatement] = []
    var batch = ChunkBatch()
    for set in sets {
      let content = set.content.description
      for (number, chunk) in set.chunks.enumerated() {
        batch.add(chunk, number, of: content)
        if batch.bytes >= batchBytes { batches.append(batch.take(addChunks)) }
      }
    }
    if batch.bytes > 0 { batches.append(batch.take(addChunks)) }
    return batches
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

  mutating func take(_ statement: Statement) -> BoundStatement {
    defer { self = ChunkBatch() }
    return statement(.texts(contents), .ints(numbers), .ints(lasts), .byteArrays(units))
  }
}
