import Domain

/// community: registration with a second factor by e-mail, sign-in through another service, friends,
/// conversations.
enum CommunityDialect {
  static let speech = Speech.detail(.community)

  static let routes = accountRoutes + peopleRoutes + conversationRoutes + chatRoutes

  private static let accountRoutes: [Route] = [
    Route(
      .post, "auth/registration", speech, .anyone, [.username, .email, .password1, .password2],
      handle: register),
    Route(.post, "twofa/send-code", speech, .anyone, [.username, .email], handle: sendCode),
    Route(.post, "auth/login", speech, .anyone, [.username, .password, .code], handle: login),
    Route(.post, "auth/logout", speech, .caller, handle: logout),
    Route(
      .post, "api/token/refresh", speech, .anyone, [Field.refresh.optional], handle: refresh),
    Route(
      .post, "auth/password/change", speech, .caller, [newPassword1, newPassword2],
      handle: changePassword),
    Route(.get, "oauth/authorize", speech, .anyone, handle: OAuthEndpoint.authorize),
  ]

  private static let newPassword1 = Field("new_password1", .secret(longest: 4_096))
  private static let newPassword2 = Field("new_password2", .secret(longest: 4_096))

  private static func detail(_ status: Int, _ text: String) -> Response {
    .json(status) { $0.field("detail", text) }
  }

  @Sendable private static func register(_ context: Context) async throws -> Response {
    var form = context.signUpForm(withEmail: true)
    form.twoFactor = true
    _ = try await context.signUp(form)
    return detail(201, "User registered successfully. Please log in.")
  }

  /// Answers the same whether there is such an account or not.
  @Sendable private static func sendCode(_ context: Context) async throws -> Response {
    let input = try context.input()
    guard context.services.canSendCodes else {
      throw Refusal.unavailable("This server has no way to send mail. Ask an administrator.")
    }
    let tools = context.services.tools
    try await Attempts(context.services.database, limits: tools.limits).take(
      .sendCode,
      Attempts.subjects(username: input.required(.username), address: context.request.address))
    try await LoginCodes(context.services.database, keys: tools.keys).request(
      username: input.required(.username), email: input.required(.email))
    return detail(200, "Email sent. Use the code sent in the login process")
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
    return detail(200, "Successfully logged out.")
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
    return detail(200, "New password has been saved.")
  }
}

extension Field {
  static let password1 = Field("password1", .secret(longest: 4_096))
  static let password2 = Field("password2", .secret(longest: 4_096))
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
