import Domain

/// community: registration with a second factor by e-mail, sign-in through another service, friends,
/// conversations.
enum CommunityDialect {
  static let speech = Speech.detail(.community)

  static let routes = accountRoutes + peopleRoutes + conversationRoutes + chatRoutes

  private static let accountRoutes: [Route] = [
    Route(
      .post, "auth/registration/", speech, .anyone,
      [.newUsername, .newEmail, .password1, .password2],
      handle: register
    )
    .documented(
      "registration", "Sign up, with a second factor by e-mail", .created(detail(registered))
    )
    .failing(409, 429),
    Route(.post, "twofa/send-code/", speech, .anyone, [.username, .email], handle: sendCode)
      .documented(
        "send_code", "Have a code mailed to one",
        .ok(detail(codeSent), "So whether there is such an account or not.")
      )
      .failing(429)
      .failing(503, "This server has no way to send mail, or the database is away."),
    Route(.post, "auth/login/", speech, .anyone, [.username, .password, .code], handle: login)
      .documented(
        "login", "Sign in",
        .ok(tokens).leading(to: "community_refresh", body: ["refresh": "refresh_token"])
      )
      .failing(401, 429),
    Route(.post, "auth/logout/", speech, .caller, handle: logout)
      .documented("logout", "Sign out", .ok(detail(signedOut))),
    Route(
      .post, "api/token/refresh/", speech, .anyone, [Field.refresh.optional], handle: refresh
    )
    .documented(
      "refresh", "Exchange a refresh token",
      .ok(pair, "A new pair; the old refresh token is spent."),
      about: "It may stand in `Bearer: Token REFRESH`, `Authorization: Bearer REFRESH` or the body."
    )
    .asking([
      .header(
        "Bearer", "`Token REFRESH`",
        .string(pattern: "^[Tt][Oo][Kk][Ee][Nn] +[!-~]+$", example: "Token eyJhb.eyJ1c.c2lnb"))
    ])
    .failing(401),
    Route(
      .post, "auth/password/change/", speech, .caller, [newPassword1, newPassword2],
      handle: changePassword
    )
    .documented(
      "change_password", "Change one's password", .ok(detail(passwordSaved)),
      about: "One's other sessions end."),
    Route(.get, "oauth/authorize", speech, .anyone, handle: OAuthEndpoint.authorize)
      .documented(
        "authorize", "Sign in through another service", .ok(tokens, "Signed in."),
        Answer(status: 302, about: "To the other service.", content: .none).with(.location),
        about: "Without a query it sends one there; the other service sends one back with one."
      )
      .asking(OAuthEndpoint.parameters)
      .failing(401, 409, 429)
      .failing(404, "No other service is configured."),
  ]

  private static let newPassword1 = Field("new_password1", .secret(longest: 4_096)).about(
    "The new password.", .newPassword)
  private static let newPassword2 = Field("new_password2", .secret(longest: 4_096)).about(
    "The same once more.", .newPassword)

  // MARK: Shapes

  private static let registered = "User registered successfully. Please log in."
  private static let codeSent = "Email sent. Use the code sent in the login process"
  private static let signedOut = "Successfully logged out."
  private static let passwordSaved = "New password has been saved."

  private static func detail(_ text: String) -> Schema { ["detail": .constant(.string(text))] }

  private static let tokens: Schema = .component(
    "CommunityTokens", ["access_token": .jwt, "refresh_token": .jwt, "token_auth": .opaque])

  private static let pair: Schema = ["access_token": .jwt, "refresh_token": .jwt]

  private static func detail(_ status: Int, _ text: String) -> Response {
    .json(status) { $0.field("detail", text) }
  }

  // MARK: Handlers

  @Sendable private static func register(_ context: Context) async throws -> Response {
    var form = context.signUpForm(withEmail: true)
    form.twoFactor = true
    _ = try await context.signUp(form)
    return detail(201, registered)
  }

  /// Answers the same whether there is such an account or not.
  @Sendable private static func sendCode(_ context: Context) async throws -> Response {
    let input = try context.input()
    guard context.services.settings.canSendCodes else {
      throw Refusal.unavailable("This server has no way to send mail. Ask an administrator.")
    }
    try await context.requestCode(
      username: input.required(.username), email: input.required(.email))
    return detail(200, codeSent)
  }

  @Sendable private static func login(_ context: Context) async throws -> Response {
    signedIn(
      try await context.signIn(try context.input(), .community, [.access, .refresh, .opaque]))
  }

  /// What every sign-in of this dialect ends with.
  static func signedIn(_ success: SignIn.Success) -> Response {
    Response.json(200) {
      $0.field("access_token", success.text(.access))
      $0.field("refresh_token", success.text(.refresh))
      $0.field("token_auth", success.text(.opaque))
    }.with(Response.noStore)
  }

  @Sendable private static func logout(_ context: Context) async throws -> Response {
    try await context.sessions.signOut(try await context.caller())
    return detail(200, signedOut)
  }

  @Sendable private static func refresh(_ context: Context) async throws -> Response {
    guard let token = try refreshToken(context) else {
      throw Refusal.unauthenticated("A refresh token is wanted.")
    }
    let pair = try await context.refresh.exchange(token)
    return Response.json(200) {
      $0.field("access_token", pair.access)
      $0.field("refresh_token", pair.refresh)
    }.with(Response.noStore)
  }

  /// From the header `Bearer: Token …`, from `Authorization: Bearer …`, or from the body.
  private static func refreshToken(_ context: Context) throws -> String? {
    if let header = context.request.head.bearer {
      guard case .opaque(let token)? = PresentedCredential(authorization: header) else {
        throw Authenticator.rejected
      }
      return token
    }
    if let token = try context.input().text(.refresh) { return token }
    guard let header = context.request.head.authorization else { return nil }
    guard case .access(let token)? = PresentedCredential(authorization: header) else {
      throw Authenticator.rejected
    }
    return token
  }

  @Sendable private static func changePassword(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    let password = input.required(newPassword1)
    guard Secrets.areEqual(password, input.required(newPassword2)) else {
      throw Refusal.invalid([FieldError(newPassword2.name, Input.differentPasswords)])
    }
    try await context.ownAccount.setPassword(
      caller, Password(password), field: newPassword1.name)
    return detail(200, passwordSaved)
  }
}

extension Input {
  static let differentPasswords = "The two password fields didn't match."
}

extension Context {
  /// What somebody signs up with who gives the password twice.
  func signUpForm(withEmail: Bool) -> SignUp.Form {
    let (input, faults) = inputWithFaults()
    let password = input.required(.password1)
    var form = SignUp.Form(
      username: input.required(.username), email: withEmail ? input.required(.email) : nil,
      password: Password(password))
    form.passwordField = Field.password1.name
    form.faults = faults
    let second = Field.password2.name
    if !faults.contains(where: { [second, form.passwordField].contains($0.field) }),
      !Secrets.areEqual(password, input.required(.password2))
    {
      form.faults.append(FieldError(second, Input.differentPasswords))
    }
    return form
  }
}
