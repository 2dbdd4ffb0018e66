import Domain

/// microblog: JWT accounts with profiles, followers, tweets.
enum MicroblogDialect {
  static let speech = Speech.detail(.microblog)

  static let routes = accountRoutes + profileRoutes + tweetRoutes

  private static let accountRoutes: [Route] = [
    Route(
      .post, "api/auth/obtain_token/", speech, .anyone, [.username, .password, .code],
      handle: obtain
    )
    .documented(
      "obtain_token", "Sign in",
      .ok(["access": .jwt, "refresh": .jwt])
        .leading(to: "microblog_refresh_token", body: ["refresh": "refresh"])
        .leading(to: "microblog_logout", body: ["refresh_token": "refresh"])
    )
    .failing(401, 429),
    Route(.post, "api/auth/refresh_token/", speech, .anyone, [.refresh], handle: refresh)
      .documented(
        "refresh_token", "Get an access token",
        .ok(["access": .jwt], "The refresh token stays good.")
      )
      .failing(401),
    Route(
      .post, "api/auth/user/register/", speech, .anyone,
      [.newUsername, .newEmail, .newPassword, profile], handle: register
    )
    .documented(
      "register", "Sign up",
      .created(user).leading(to: "microblog_view_profile", ["profile_id": "profile/id"])
    )
    .failing(409, 429),
    Route(.post, "api/auth/user/logout/", speech, .anyone, [refreshToken], handle: logout)
      .documented("logout", "Sign out", .noContent("The refresh token's session has ended."))
      .failing(401),
    Route(.post, "api/auth/user/logout_all/", speech, .caller, handle: logoutAll)
      .documented("logout_all", "Sign out everywhere", .noContent()),
    Route(
      .put, "api/auth/user/edit/", speech, .caller,
      [
        Field.newUsername.optional, Field.newEmail.optional, mode, updatePassword, currentPassword,
        newPassword,
      ], handle: edit
    )
    .documented(
      "edit", "Change one's account", .ok(user),
      about: "Only what is given. A new password wants the current one, and ends other sessions."
    )
    .failing(409, 429),
    Route(.delete, "api/auth/user/delete/", speech, .caller, [refreshToken], handle: delete)
      .documented("delete", "Delete one's account", .noContent("It is gone with all of its own.")),
  ]

  private static let user = Schema.component(
    "MicroblogUser",
    [
      "id": .id, "username": .username, "email": .text.orNull,
      "profile": [
        "id": .id, "date_of_birth": .date.orNull, "alias": .text.orNull, "bio": .text.orNull,
        "image_url": .text.orNull, "background_image_url": .text.orNull, "mode": .text.orNull,
      ],
    ])

  // MARK: Fields

  private static let refreshToken = Field("refresh_token", .secret(longest: 4_096)).about(
    "A refresh token.", .secret(longest: 4_096, like: .jwt))
  private static let mode = Field("mode", .text(longest: 1_024), isRequired: false).about(
    "The mode that one likes.", .string(0...ProfileChanges.longestAlias, example: "dark"))
  private static let updatePassword = Field("update_password", .boolean, isRequired: false).about(
    "Whether the password changes; where it isn't said, whether a new one is given.")
  private static let currentPassword = Field(
    "current_password", .secret(longest: 4_096), isRequired: false
  ).about("The password that there is.")
  private static let newPassword = Field(
    "new_password", .secret(longest: 4_096), isRequired: false
  ).about("The new password.", .newPassword)

  /// Of texts whose own limits are said together with every other fault.
  static let longest = 1 << 20

  static let dateOfBirth = Field("date_of_birth", .text(longest: 64)).about(
    "A date in the past.", .date)
  private static let profile = Field(
    "profile", .object([dateOfBirth] + optionalProfileFields.map(\.field))
  ).about("What one tells of oneself; in a form, `profile.alias=…`.")

  typealias ProfileField = (
    field: Field, change: WritableKeyPath<ProfileChanges, String?> & Sendable
  )
  static let optionalProfileFields: [ProfileField] = [
    (text("alias", .string(0...ProfileChanges.longestAlias, example: "Annie")), \.alias),
    (text("bio", .string(0...ProfileChanges.longestText, example: "I like tea.")), \.bio),
    (text("image_url", address), \.imageURL),
    (text("background_image_url", address), \.backgroundImageURL),
  ]

  private static func text(_ name: String, _ schema: Schema) -> Field {
    Field(name, .text(longest: longest), isRequired: false).about("Empty for none.", schema)
  }

  private static let address = Schema.string(
    0...ProfileChanges.longestText, pattern: ProfileChanges.addressPattern,
    example: "/media/avatars/default.png")

  // MARK: Signing in and out

  @Sendable private static func obtain(_ context: Context) async throws -> Response {
    let success = try await context.signIn(
      try context.input(), .microblog, [.access, .refresh])
    return Response.json(200) {
      $0.field("access", success.text(.access))
      $0.field("refresh", success.text(.refresh))
    }.with(Response.noStore)
  }

  @Sendable private static func refresh(_ context: Context) async throws -> Response {
    let access = try await context.refresh.access(try context.input().required(.refresh))
    return Response.json(200) { $0.field("access", access) }.with(Response.noStore)
  }

  @Sendable private static func logout(_ context: Context) async throws -> Response {
    try await context.sessions.signOut(
      refreshToken: try context.input().required(refreshToken),
      keys: context.services.tools.keys)
    return Response(204)
  }

  @Sendable private static func logoutAll(_ context: Context) async throws -> Response {
    try await context.sessions.signOutEverywhere(try await context.caller())
    return Response(204)
  }

  // MARK: The account

  @Sendable private static func register(_ context: Context) async throws -> Response {
    let (input, faults) = context.inputWithFaults()
    var form = SignUp.Form(
      username: input.required(.username), email: input.required(.email),
      password: Password(input.required(.password)))
    var changes = ProfileChanges()
    if let given = input.object(profile) {
      changes.dateOfBirth = given.required(dateOfBirth)
      for field in optionalProfileFields {
        changes[keyPath: field.change] = given.text(field.field)
      }
    }
    form.profile = changes
    form.faults = faults
    let user = try await context.signUp(form)
    return answer(201, user, try await Profiles(context.services.database).find(account: user.id))
  }

  @Sendable private static func edit(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    var changes = OwnAccount.Changes()
    changes.username = input.text(.username)
    changes.email = input.text(.email)
    changes.mode = input.text(mode)
    // A new password counts unless it is said not to.
    if input.boolean(updatePassword) ?? (input.text(newPassword) != nil) {
      let fields = [currentPassword, newPassword]
      let missing = fields.filter { input.text($0) == nil }
      guard missing.isEmpty else {
        throw Refusal.invalid(missing.map { FieldError($0.name, "This field is required.") })
      }
      changes.password = (
        Password(input.required(newPassword)), Password(input.required(currentPassword))
      )
    }
    let (user, profile) = try await context.ownAccount.edit(caller, changes)
    return answer(200, user, profile)
  }

  @Sendable private static func delete(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    try await context.ownAccount.delete(
      caller, refreshToken: try context.input().required(refreshToken))
    return Response(204)
  }

  private static func answer(_ status: Int, _ user: User, _ profile: Profile) -> Response {
    .json(status) { writer in
      writer.field("id", user.id)
      writer.field("username", user.username)
      writer.field("email", user.email)
      writer.key("profile")
      writer.object {
        $0.field("id", profile.id)
        $0.field("date_of_birth", profile.dateOfBirth)
        $0.field("alias", profile.alias)
        $0.field("bio", profile.bio)
        $0.field("image_url", profile.imageURL)
        $0.field("background_image_url", profile.backgroundImageURL)
        $0.field("mode", profile.mode)
      }
    }
  }
}
