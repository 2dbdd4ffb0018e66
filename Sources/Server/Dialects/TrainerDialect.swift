import Domain
import Postgres

/// trainer: JWT accounts, the exercise catalogue, streaming sessions; sign-in and sign-out are
/// integers' as well.
enum TrainerDialect {
  static let speech = Speech.detail(.trainer)

  static let routes = accountRoutes + streamRoutes

  private static let accountRoutes: [Route] = [
    Route(
      .post, "api/auth/register/", speech, .anyone, [.newUsername, .newEmail, .newPassword],
      handle: register
    )
    .documented(
      "register", "Sign up",
      .created(["username": .username, "email": .string(example: "ann@example.org")])
    )
    .failing(409, 429),
    Route(.post, "api/auth/login/", speech, .anyone, [.username, .password, .code], handle: login)
      .givingCookies().shared(with: .integers)
      .documented(
        "login", "Sign in",
        .ok(pair)
          .leading(to: "trainer_refresh", body: ["refresh": "refresh_token"])
          .leading(to: "trainer_logout", body: ["refresh": "refresh_token"]),
        about: "A browser gets the cookies of a session as well."
      )
      .failing(401, 429),
    Route(.post, "api/auth/logout/", speech, .caller, [Field.refresh.optional], handle: logout)
      .givingCookies().shared(with: .integers).provedByBody()
      .documented(
        "logout", "Sign out", .noContent("The session of each credential that was given has ended.")
      ),
    Route(.post, "api/auth/token/refresh/", speech, .anyone, [.refresh], handle: refresh)
      .documented(
        "refresh", "Exchange a refresh token",
        .ok(pair, "A new pair; the old refresh token is spent.")
      )
      .failing(401),
    Route(.get, "exercises/list/", speech, .caller, handle: listExercises)
      .documented(
        "exercises", "All exercises",
        .ok(["excercises": .array(exercise)], "The exercises, by id.").with(.etag)
          .leading(to: "trainer_exercise", ["exercise_id": "excercises/0/id"]),
        .empty(304, "They haven't changed.")
      )
      .asking(RequestParameter.page + [.ifNoneMatch]),
    Route(.get, "exercises/exercise/<int:exercise_id>/", speech, .caller, handle: showExercise)
      .documented("exercise", "One exercise", .ok(exercise)),
  ]

  private static let pair = Schema.component(
    "TokenPair",
    ["username": .username, "access_token": .jwt, "refresh_token": .jwt])

  private static let exercise = Schema.component(
    "Exercise",
    [
      "id": .id, "name": .string(example: "Push-up"),
      "instructions": .string(example: "Keep your body straight."),
      "targeted_muscles": .string(example: "chest, triceps"), "groupID": .id,
      "groupName": .string(example: "Chest"),
    ])

  // MARK: Accounts

  @Sendable private static func register(_ context: Context) async throws -> Response {
    let (input, faults) = context.inputWithFaults()
    var form = SignUp.Form(
      username: input.required(.username), email: input.required(.email),
      password: Password(input.required(.password)))
    form.faults = faults
    let made = try await context.signUp(form)
    return .json(201) {
      $0.field("username", made.username)
      $0.field("email", made.email)
    }
  }

  /// A sign-in that integers shares, which wants the cookies.
  @Sendable private static func login(_ context: Context) async throws -> Response {
    let success = try await context.signIn(
      try context.input(), .trainer, [.access, .refresh, .web])
    var response = pair(success.user.username, success.text(.access), success.text(.refresh))
    response.headers += context.cookies.signedIn(success.text(.web))
    return response
  }

  private static func pair(_ username: String, _ access: String, _ refresh: String) -> Response {
    Response.json(200) {
      $0.field("username", username)
      $0.field("access_token", access)
      $0.field("refresh_token", refresh)
    }.with(Response.noStore)
  }

  /// A sign-out that integers shares.
  @Sendable private static func logout(_ context: Context) async throws -> Response {
    try await context.signOut(refreshToken: try context.input().text(.refresh))
    return Response(204, headers: context.cookies.signedOut)
  }

  @Sendable private static func refresh(_ context: Context) async throws -> Response {
    let new = try await context.refresh.exchange(try context.input().required(.refresh))
    return pair(new.username, new.access, new.refresh)
  }

  // MARK: Exercises

  @Sendable private static func showExercise(_ context: Context) async throws -> Response {
    let rows = try await context.caller(
      with: Exercises.byIDWithCaller, .int(context.numbers[0])
    ).rows
    guard var cells = rows[0].cellsBehindCaller() else {
      throw Refusal.notFound("There is no exercise with the id \(context.numbers[0]).")
    }
    let exercise = try cells.decode(Exercise.self)
    var writer = JSONWriter(capacity: 512 + exercise.instructions.utf8.count)
    write(exercise, to: &writer)
    return .json(200, writer.bytes)
  }

  /// The list is encoded once a version; whether it changed comes with who asks.
  @Sendable private static func listExercises(_ context: Context) async throws -> Response {
    let rows = try await context.caller(with: Exercises.versionWithCaller).rows
    guard var cells = rows[0].cellsBehindCaller() else {
      throw PostgresError(.decoding, "the catalogue has no version", retry: .pointless)
    }
    let page = try Page(context.request)
    var version = try cells.decode(UUID.self)
    let status = context.request.head.has(etag(version).value) ? 304 : 200
    let cache = context.services.catalogue
    if page.isWhole, let body = cache.body(of: version) { return list(status, body, version) }
    let exercises: [Exercise]
    (version, exercises) = try await Exercises(
      context.services.database, actor: context.actor()
    ).all()
    if !page.isWhole {
      var part = self.page(page.cut(exercises, id: \.id), page, context, version)
      part.status = status
      return part
    }
    let body = SharedBytes(encode(exercises[...]))
    cache.keep(body, of: version)
    return list(status, body, version)
  }

  private static func etag(_ version: UUID) -> Response.Header {
    .init("ETag", "\"\(version.hex)\"")
  }

  private static func list(
    _ status: Int, _ body: SharedBytes, _ version: UUID
  ) -> Response {
    Response(
      status,
      headers: [Response.jsonType, etag(version), .init("Cache-Control", "private, no-cache")],
      body: .shared(body))
  }

  private static func page(
    _ cut: Page.Cut<Exercise>, _ page: Page, _ context: Context, _ version: UUID
  ) -> Response {
    var response = Response.json(200, encode(cut.elements))
    response.headers.append(etag(version))
    if let next = cut.next {
      response.headers.append(page.link(context.request, next: next))
    }
    return response
  }

  private static func encode(_ exercises: ArraySlice<Exercise>) -> [UInt8] {
    var writer = JSONWriter(capacity: exercises.count * 1_024)
    writer.beginObject()
    // So spelt in the reference.
    writer.key("excercises")
    writer.beginArray()
    for exercise in exercises { write(exercise, to: &writer) }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  private static func write(_ exercise: Exercise, to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", exercise.id)
      $0.field("name", exercise.name)
      $0.field("instructions", exercise.instructions)
      $0.field("targeted_muscles", exercise.targetedMuscles)
      $0.field("groupID", exercise.groupID)
      $0.field("groupName", exercise.groupName)
    }
  }
}
