import Domain

/// microblog: JWT accounts with profiles, followers, tweets.
enum MicroblogDialect {
  static let speech = Speech.detail(.microblog)

  static let routes = accountRoutes + profileRoutes + tweetRoutes

  private static let accountRoutes: [Route] = [
    Route(
      .post, "api/auth/obtain_token", speech, .anyone, [.username, .password, .code],
      handle: obtain),
    Route(.post, "api/auth/refresh_token", speech, .anyone, [.refresh], handle: refresh),
    Route(
      .post, "api/auth/user/register", speech, .anyone, [.username, .email, .password, profile],
      handle: register),
    Route(.post, "api/auth/user/logout", speech, .anyone, [refreshToken], handle: logout),
    Route(.post, "api/auth/user/logout_all", speech, .caller, handle: logoutAll),
    Route(
      .put, "api/auth/user/edit", speech, .caller,
      [
        Field.username.optional, Field.email.optional, mode, updatePassword, currentPassword,
        newPassword,
      ], handle: edit),
    Route(.delete, "api/auth/user/delete", speech, .caller, [refreshToken], handle: delete),
  ]

  // MARK: Fields

  private static let refreshToken = Field("refresh_token", .secret(longest: 4_096))
  private static let mode = Field("mode", .text(longest: 1_024), isRequired: false)
  private static let updatePassword = Field("update_password", .boolean, isRequired: false)
  private static let currentPassword = Field(
    "current_password", .secret(longest: 4_096), isRequired: false)
  private static let newPassword = Field(
    "new_password", .secret(longest: 4_096), isRequired: false)

  /// Of texts whose own limits are said together with every other fault.
  static let longest = 1 << 20

  static let dateOfBirth = Field("date_of_birth", .text(longest: 64))
  private static let profile = Field(
    "profile", .object([dateOfBirth] + optionalProfileFields.map(\.field)))

  typealias ProfileField = (
    field: Field, change: WritableKeyPath<ProfileChanges, String?> & Sendable
  )
  static let optionalProfileFields: [ProfileField] = [
    (Field("alias", .text(longest: longest), isRequired: false), \.alias),
    (Field("bio", .text(longest: longest), isRequired: false), \.bio),
    (Field("image_url", .text(longest: longest), isRequired: false), \.imageURL),
    (
      Field("background_image_url", .text(longest: longest), isRequired: false),
      \.backgroundImageURL
    ),
  ]

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
