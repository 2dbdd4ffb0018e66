import Domain

/// integers: device tokens, JWTs and cookies; sets of integers. Its sign-in and sign-out are trainer's.
enum IntegersDialect {
  static let speech = Speech.detail(.integers)

  static let routes: [Route] = (authRoutes + setRoutes).map { $0.givingCookies() }

  private static let authRoutes: [Route] = [
    Route(
      .post, "api/auth/signup/", speech, .anyone, [.newUsername, .password1, .password2],
      handle: signUp
    )
    .documented("signup", "Sign up, and get a device token", .created(deviceToken))
    .failing(409, 429),
    Route(
      .post, "api/auth/obtain/", speech, .anyone, [.username, .password, .code], handle: obtain
    )
    .documented(
      "obtain", "Get a device token", .ok(deviceToken), about: "The old ones stay good."
    )
    .failing(401, 429),
    Route(
      .post, "api/auth/del-logout/", speech, .caller, [Field.refresh.optional],
      handle: deleteAndLogOut
    )
    .provedByBody()
    .documented(
      "del_logout", "Sign out, and delete one's sets",
      .noContent("The session has ended, and every set of the account's is gone.")),
    Route(.post, "api/jwt/", speech, .caller, handle: makeTokens)
      .documented(
        "jwt", "Get JWTs of one's session",
        .ok(["access": .jwt, "refresh": .jwt])
          .leading(to: "integers_jwt_refresh", body: ["refresh": "refresh"])
          .leading(to: "integers_jwt_verify", body: ["token": "access"])),
    Route(.post, "api/jwt/refresh/", speech, .anyone, [.refresh], handle: refresh)
      .documented(
        "jwt_refresh", "Get an access token", .ok(["access": .jwt], "The refresh token stays good.")
      )
      .failing(401),
    Route(.post, "api/jwt/verify/", speech, .anyone, [token], handle: verify)
      .documented("jwt_verify", "Whether a token stands", .ok([:], "It does."))
      .failing(401, "It doesn't."),
  ]

  private static let token = Field("token", .secret(longest: 4_096)).about(
    "An access or refresh token.", .secret(longest: 4_096, like: .jwt))

  private static let deviceToken: Schema = [
    "token": .opaque,
    "user_id": .userID,
  ]

  @Sendable private static func signUp(_ context: Context) async throws -> Response {
    let form = context.signUpForm(withEmail: false)
    let user = try await context.signUp(form)
    let opened = try await context.signIns.open(
      user, from: context.origin(.integers), kinds: [.opaque])
    return deviceToken(201, opened)
  }

  @Sendable private static func obtain(_ context: Context) async throws -> Response {
    deviceToken(200, try await context.signIn(try context.input(), .integers, [.opaque]))
  }

  private static func deviceToken(_ status: Int, _ success: SignIn.Success) -> Response {
    Response.json(status) {
      $0.field("token", success.text(.opaque))
      $0.field("user_id", success.user.userID)
    }.with(Response.noStore)
  }

  @Sendable private static func deleteAndLogOut(_ context: Context) async throws -> Response {
    try await context.signOut(
      refreshToken: try context.input().text(.refresh), deletingData: true)
    return Response(204, headers: context.cookies.signedOut)
  }

  @Sendable private static func makeTokens(_ context: Context) async throws -> Response {
    let pair = try await context.refresh.pair(for: try await context.caller())
    return Response.json(200) {
      $0.field("access", pair.access)
      $0.field("refresh", pair.refresh)
    }.with(Response.noStore)
  }

  @Sendable private static func refresh(_ context: Context) async throws -> Response {
    let access = try await context.refresh.access(try context.input().required(.refresh))
    return Response.json(200) { $0.field("access", access) }.with(Response.noStore)
  }

  @Sendable private static func verify(_ context: Context) async throws -> Response {
    try await Authenticator(context.services.database, keys: context.services.tools.keys)
      .verify(token: try context.input().required(token))
    return .json(200) { _ in }
  }
}
