import Domain
import Postgres

extension IntegersDialect {
  static let setRoutes: [Route] = [
    Route(.get, "integers/set/", speech, .caller, place + [setID], handle: showSet)
      .documented("set", "A set", .ok(set, "Its units by index."))
      .asking(RequestParameter.page)
      .failing(404),
    Route(
      .post, "integers/set/", speech, .caller, place + [setID.optional, integers], handle: postSet
    )
    .taking(.sets(.set))
    .documented(
      "post_set", "Store a set",
      .created(set)
        .leading(to: "integers_set", setPlace)
        .leading(to: "integers_delete_set", body: setPlace)
        .leading(to: "integers_operate", body: ["equation": "set_id", "session_id": "session_id"]),
      about: "It takes the place of one that has the name."
    )
    .failing(404),
    Route(.delete, "integers/set/", speech, .caller, place + [setID], handle: deleteSet)
      .documented("delete_set", "Delete a set", .noContent())
      .failing(404),
    Route(
      .post, "integers/operation/", speech, .caller, place + [setID.optional, equation],
      handle: operate
    )
    .documented("operate", "Compute a set", .created(result), about: operation)
    .failing(404),
    Route(.get, "integers/session/", speech, .caller, place, handle: showSession)
      .documented("session", "A session's sets", .ok(session))
      .failing(404),
    Route(.post, "integers/session/", speech, .caller, place + [integerSets], handle: postSession)
      .taking(.sets(.session))
      .documented(
        "post_session", "Store sets together",
        .created(session)
          .leading(to: "integers_session", ["session_id": "session_id"])
          .leading(to: "integers_delete_session", body: ["session_id": "session_id"]),
        about: "All of them or none; the session is made where it isn't there."
      )
      .failing(404),
    Route(
      .delete, "integers/session/", speech, .caller, place + [misspeltSessionID],
      handle: deleteSession
    )
    .needingOne(of: sessionID.name, misspeltSessionID.name)
    .documented("delete_session", "Delete a session and its sets", .noContent())
    .failing(404),
  ]

  private static let userID = Field("user_id", .text(longest: 1_024), isRequired: false).about(
    "Whose it is, which is oneself.",
    .userID)
  static let sessionID = Field("session_id", .text(longest: 1_024), isRequired: false)
    .about("The session; the caller's own where it isn't given.", sessionName)
  /// As the clients of the reference write it.
  private static let misspeltSessionID = Field(
    "sessioin_id", .text(longest: 1_024), isRequired: false
  ).about("The same, as some spell it.", sessionName)
  private static let setID = Field("set_id", .text(longest: 1_024)).about(
    "The set's name: \(SetName.rule)", .string(pattern: SetName.pattern, example: "first_set"))
  private static let equation = Field("equation", .text(longest: 2 * Equation.longest)).about(
    "The equation.",
    .string(
      1...Equation.longest, pattern: Equation.pattern, example: "first_set+second_set"))
  private static let integers = Field("integers", .sets(.set)).about(
    "The units; at most \(UnitCollector.most).")
  private static let integerSets = Field("integer_sets", .sets(.session)).about(
    "At most \(Integers.mostSets) sets, with at most \(UnitCollector.most) units each.")
  /// Where a set is.
  private static let place = [userID, sessionID]

  // MARK: Sets

  @Sendable private static func showSet(_ context: Context) async throws -> Response {
    // The question goes out with the search for the caller; what is wrong with it is said behind.
    let (input, faults) = context.inputWithFaults()
    let page = Result { () throws(Refusal) in try Page(context.request) }
    let after = (try? page.get())?.after ?? -1
    let (caller, rows) = try await context.caller(
      with: Integers.setWithCaller, .text(namedSession(input)), .text(input.text(setID)),
      .int(after))
    guard faults.isEmpty else { throw Refusal.invalid(faults) }
    let limit = try page.get().limit
    let session = try session(input, caller)
    let (set, first) = try Integers.set(input.required(setID), in: rows)
    let reader = UnitReader(set, first: first, context.services.database)
    let opening = opening(set.name, session)
    guard let limit else {
      return try await Response.units(200, behind: opening, reader, after: after)
    }
    var writer = SetWriter(reader, after: after)
    let part = try await writer.page(limit)
    let response = Response.json(200, opening + part.text + "]}".utf8)
    guard let next = part.next else { return response }
    return response.with(try page.get().link(context.request, next: next))
  }

  private static func opening(_ set: String, _ session: String) -> [UInt8] {
    Response.frame(
      {
        $0.field("set_id", set)
        $0.field("session_id", session)
      }, list: "integers")
  }

  @Sendable private static func postSet(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    let session = try session(input, caller)
    let name = try newName(input)
    let upload = try await context.uploadedSets(.set)[0]
    let set = NewSet(name: name, chunks: upload.chunks)
    try await context.integers.store([set], in: session, of: caller.account)
    return try await Response.units(
      201, behind: opening(name, session), UnitReader(stored: set, context.services.database))
  }

  /// The name that was given, or a new one.
  private static func newName(_ input: Input) throws(Refusal) -> String {
    guard let name = input.text(setID), !name.isEmpty else { return SetName.made() }
    guard SetName.isValid(name) else {
      throw .invalid([
        FieldError(setID.name, "A name is \(SetName.rule)")
      ])
    }
    return name
  }

  @Sendable private static func deleteSet(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    try await context.integers.delete(
      set: input.required(setID), session: try session(input, caller), of: caller.account)
    return Response(204)
  }

  // MARK: Operations

  @Sendable private static func operate(_ context: Context) async throws -> Response {
    // As above: the sets are looked for before it is said what is wrong with the question.
    let (input, faults) = context.inputWithFaults()
    let text = input.required(equation)
    let read = Result { () throws(Refusal) in try Equation(text) }
    let names = (try? read.get())?.sets.map(\.name) ?? []
    let (caller, rows) = try await context.caller(
      with: Integers.setsWithCaller, .text(namedSession(input)), .texts(names))
    guard faults.isEmpty else { throw Refusal.invalid(faults) }
    let session = try session(input, caller)
    let name = try newName(input)
    let equation = try read.get()
    let integers = context.integers
    let isOwn = session == caller.session.description
    let operands = try Integers.operands(of: equation, session: isOwn ? nil : session, in: rows)
    let set = try await context.services.arithmetic.pass {
      let set = NewSet(
        name: name,
        chunks: try await integers.compute(equation, operands) { await context.pause() })
      try await integers.store(
        [set], in: session, of: caller.account, makesSession: isOwn)
      return set
    }
    let opening = Response.frame(
      {
        $0.field("set_id", name)
        $0.field("session_id", session)
        $0.field("equation", text)
      }, list: "integers")
    return try await Response.units(
      201, behind: opening, UnitReader(stored: set, context.services.database))
  }

  // MARK: Which session

  /// The session that is named; nil where none is.
  static func namedSession(_ input: Input) -> String? {
    let given = input.text(sessionID) ?? input.text(misspeltSessionID)
    return given?.isEmpty == true ? nil : given
  }

  /// The session that is meant; the caller's own where none is named.
  /// - Throws: `.notFound` for another user's.
  static func session(_ input: Input, _ caller: Caller) throws(Refusal) -> String {
    if let userID = input.text(userID), userID.lowercased() != caller.userID {
      throw .notFound("There is no user “\(userID)” of whom you may see this.")
    }
    guard let name = namedSession(input) else { return caller.session.description }
    let isPrintable = !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard name.utf8.count <= Integers.longestSession, isPrintable else {
      throw .invalid([
        FieldError(
          sessionID.name,
          "A session is called by 1 to \(Integers.longestSession) bytes without control characters."
        )
      ])
    }
    return name
  }
}

extension Context {
  var integers: Integers { Integers(services.database) }

  /// Lets others on the loop have their turn.
  func pause() async { await services.database.loop.nextTurn() }

  /// The sets that the body holds; in a form they are a JSON text.
  /// - Throws: `.invalid`.
  func uploadedSets(
    _ kind: SetUpload.Kind
  ) async throws -> [(name: String?, chunks: [PackedUnits])] {
    if let upload { return try await upload.finish(pause: pause) }
    guard let text = form[kind.field]?.string else {
      throw Refusal.invalid([FieldError(kind.field, "This field is required.")])
    }
    let upload = SetUpload(kind, onlyField: true)
    var bytes = text
    bytes.withUTF8 { upload.receive(UnsafeRawBufferPointer($0)) }
    do throws(JSONError) {
      try upload.finish()
    } catch {
      throw Refusal.invalid([FieldError(kind.field, "Not JSON: \(error.reason).")])
    }
    return try await upload.finish(pause: pause)
  }
}
