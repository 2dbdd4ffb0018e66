import Postgres

extension Integers {
  /// Chunks of all sets together that are read at once while an equation is computed.
  private static let chunksAtOnce = 16

  /// The sets that an equation names, in its order.
  /// - Throws: `.invalid` for `equation`, naming the one that isn't there.
  public func operands(
    of equation: Equation, in session: String, account: Int64, sessionMustExist: Bool
  ) async throws -> [StoredSet] {
    var found: [String: StoredSet] = [:]
    do {
      let id = try await self.session(session, of: account)
      for set in try await sets(of: id, named: equation.sets.map(\.name)) { found[set.name] = set }
    } catch let error as Refusal {
      // A session that nobody has used yet is there, and empty.
      guard case .notFound = error, !sessionMustExist else { throw error }
    }
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
    var packed = 0
    do {
      repeat {
        while let number = evaluator.hungry {
          evaluator.feed(number, try await readers[number].next())
        }
        if packer.chunks.count > packed {
          packed = packer.chunks.count
          await pause()
        }
      } while try evaluator.step(into: &packer)
    } catch let fault as UnitFault {
      throw Refusal.invalid([FieldError("equation", fault.message)])
    }
    return packer.finish()
  }
}
