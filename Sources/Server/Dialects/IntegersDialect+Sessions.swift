import Domain

/// A session's sets, all of them together.
extension IntegersDialect {
  @Sendable static func showSession(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let session = try session(try context.input(), caller)
    let found = try await context.integers.sets(of: caller.account, in: session)
    // One's own session is there, though nothing is in it yet.
    guard let sets = found ?? (session == caller.session.description ? [] : nil) else {
      throw Integers.missing(session: session)
    }
    return answer(200, session, sets, caller, context)
  }

  private static func answer(
    _ status: Int, _ session: String, _ sets: [StoredSet], _ caller: Caller, _ context: Context
  ) -> Response {
    let integers = context.integers
    let opening = Response.frame({ $0.field("session_id", session) }, list: "integer_sets")
    let pieces = SessionPieces(integers, opening: opening, sets) { name in
      try await integers.sets(of: caller.account, in: session, after: name) ?? []
    }
    return Response(
      status, headers: [Response.jsonType], body: .stream { try await pieces.next() })
  }

  @Sendable static func postSession(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let session = try session(try context.input(), caller)
    let sets = try await context.uploadedSets(.session).map {
      NewSet(name: $0.name ?? SetName.made(), chunks: $0.chunks)
    }
    try await context.integers.store(sets, in: session, of: caller.account)
    // Deleted by somebody else meanwhile, it was there with these.
    let stored =
      try await context.integers.sets(of: caller.account, in: session)
      ?? sets.map(StoredSet.init).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return answer(201, session, stored, caller, context)
  }

  @Sendable static func deleteSession(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    guard namedSession(input) != nil else {
      throw Refusal.invalid([FieldError(sessionID.name, "This field is required.")])
    }
    try await context.integers.delete(
      session: try session(input, caller), of: caller.account)
    return Response(204)
  }
}
