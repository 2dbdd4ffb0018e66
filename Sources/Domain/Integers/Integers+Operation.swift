import Postgres

extension Integers {
  /// Chunks of all sets together that are read at once while an equation is computed.
  private static let chunksAtOnce = 16
  /// What is computed before others get their turn: about half a millisecond's work.
  private static let effortAtOnce = 250_000

  /// Those of the sets `$3` that there are in the caller's session `$2`, each with its first chunk.
  public static let setsWithCaller = Statement.withCaller(
    """
    SELECT g.id, t.name, t.content, t.units, c.last, c.units AS packed
    FROM integer_session g
    LEFT JOIN integer_set t ON t.session = g.id AND t.name = ANY ($3::text[])
    LEFT JOIN integer_chunk c ON c.content = t.content AND c.number = 0
    WHERE g.account = a.id AND g.name = coalesce($2::text, s.id::text)
    """, columns: "q.id, q.name, q.content, q.units, q.last, q.packed")

  /// The sets that an equation names, in its order, of what `setsWithCaller` found.
  /// - Parameter session: the session's name; nil for one that is there, though nobody has used it.
  /// - Throws: `.notFound` where there is no session, `.invalid` for `equation`, naming the set that
  ///   isn't there.
  public static func operands(
    of equation: Equation, session: String?, in rows: Rows
  ) throws -> [StoredSet] {
    var found: [String: StoredSet] = [:]
    var hasSession = session == nil
    for row in rows {
      guard var cells = row.cellsBehindCaller() else { continue }
      hasSession = true
      cells.skip(1)
      guard !cells.isNextNull else { continue }
      let set = try cells.decode(StoredSet.self)
      found[set.name] = set
    }
    if let session, !hasSession { throw missing(session: session) }
    return try equation.sets.map { reference in
      guard let set = found[reference.name] else {
        throw Refusal.invalid([
          FieldError(
            "equation", "There is no set “\(reference.name)” (column \(reference.column)).")
        ])
      }
      return set
    }
  }

  /// Computes an equation in one pass over its sets.
  /// - Parameter pause: called now and then, so that others get their turn.
  /// - Throws: `.invalid` for `equation`, naming the index at which a number doesn't fit.
  public func compute(
    _ equation: Equation, _ operands: [StoredSet], pause: () async -> Void
  ) async throws -> [PackedUnits] {
    let pageSize = max(1, min(UnitReader.page, Self.chunksAtOnce / max(1, operands.count)))
    var readers = operands.map { UnitReader($0, pageSize: pageSize, database) }
    var evaluator = EquationEvaluator(equation)
    var packer = UnitPacker()
    var effort = 0
    do {
      repeat {
        while let number = evaluator.hungry {
          evaluator.feed(number, try await readers[number].next())
        }
        effort += evaluator.effort
        if effort > Self.effortAtOnce {
          effort = 0
          await pause()
        }
      } while try evaluator.step(into: &packer)
    } catch let fault as UnitFault {
      throw Refusal.invalid([FieldError("equation", fault.message)])
    }
    return packer.finish()
  }
}
