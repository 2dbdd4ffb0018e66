import Domain
import Postgres

/// havoc: `username` and `session_token` in the body, `{"status", "data"}` in every answer.
enum HavocDialect {
  static let routes: [Route] = [
    Route(
      .post, "permission_admin/get_permissions", .havoc, .admin, credential, handle: getPermissions
    )
    .documented(
      "get_permissions", "The permission codes", .ok(success(.array(permission)))),
    Route(
      .post, "user_admin/create_user", .havoc, .admin, credential + [newUser], handle: createUser
    )
    .documented("create_user", "Make an account", .ok(done))
    .failing(409),
    Route(.post, "user_admin/get_all_users", .havoc, .admin, credential, handle: getAllUsers)
      .documented("get_all_users", "All accounts", .ok(success(.array(user)), "By id."))
      .asking(RequestParameter.page),
    Route(.post, "user/login", .havoc, .anyone, [.username, .password, .code], handle: login)
      .documented(
        "login", "Sign in",
        .ok(success(signedIn))
          .leading(to: "havoc_check_status", body: given)
          .leading(to: "havoc_logout", body: given)
      )
      .failing(401, 429),
    Route(.post, "user/logout", .havoc, .caller, credential, handle: logout)
      .documented("logout", "Sign out", .ok(done)),
    Route(.post, "user/check_status", .havoc, .caller, credential, handle: checkStatus)
      .documented("check_status", "Whether one is signed in", .ok(done)),
  ].map { $0.access == .anyone ? $0 : $0.provedByBody() }

  /// What every request of this dialect says who it is from with; an Authorization header does as well.
  private static let credential = [
    Field("username", .text(longest: 1_024), isRequired: false)
      .about("Whose the session_token is."),
    Field.sessionToken.optional,
  ]

  private static let firstName = name("first_name", "Test")
  private static let lastName = name("last_name", "McGee")
  private static let permissionCode = Field(
    "fk_permission_code", .integer, isRequired: false
  ).about(
    "A permission's code, as a number or in digits; 1 where it isn't given.",
    .anyOf(
      .integer(1...Int64(Int32.max)), .string(pattern: "^\\s*[0-9]{1,9}\\s*$")
    ).example("1"))

  private static func name(_ name: String, _ example: JSON) -> Field {
    Field(name, .text(longest: 1_024), isRequired: false)
      .about(
        "At most \(Users.longestName) characters.", .string(0...Users.longestName, example: example)
      )
  }
  private static let newUser = Field(
    "new_user",
    .object([
      .newUsername, Field.newEmail.optional, firstName, lastName, .password, permissionCode,
    ])
  ).about("The account, as an object or a JSON text of one.")

  // MARK: Shapes

  private static func success(_ data: Schema) -> Schema {
    ["status": .constant(200), "data": data]
  }

  private static let done = success(.constant("OK"))

  private static let given: KeyValuePairs = [
    "username": "data/username", "session_token": "data/session_token",
  ]

  private static let permission: Schema = [
    "permission_code": .integer(1...Int64(Int32.max), example: 1),
    "permission_level": .string(example: "USER"),
  ]

  private static let user: Schema = .component(
    "HavocUser",
    [
      "email": .string(example: "test@havoc.com").orNull, "username": .username,
      "first_name": .text, "last_name": .text,
      "permission_code": .integer(1...Int64(Int32.max), example: 1),
      "permission_level": .string(example: "USER"),
    ])

  private static let signedIn: Schema = [
    "session_token": .sessionToken, "username": .username, "first_name": .text, "last_name": .text,
    "fk_permission_code": .integer(1...Int64(Int32.max), example: 1),
    "permission_level": .string(example: "USER"),
  ]

  // MARK: Answers

  /// `{"status": 200, "data": …}`.
  private static func success(_ writeData: (inout JSONWriter) -> Void) -> Response {
    .json(200) {
      $0.field("status", 200)
      $0.key("data")
      writeData(&$0)
    }
  }

  private static let ok = success { $0.string("OK") }

  // MARK: Handlers

  /// Checks a body of which nothing but the credential is taken. Where that said who asks, it was
  /// checked when it was read.
  private static func check(_ context: Context) throws(Refusal) {
    if !context.isProvedByBody { _ = try context.input() }
  }

  @Sendable private static func getPermissions(_ context: Context) async throws -> Response {
    let admin = try await context.admin()
    try check(context)
    let all = try await Permissions(
      context.services.database, actor: context.actor(admin.username)
    ).all()
    return success { writer in
      writer.beginArray()
      for permission in all {
        writer.object {
          $0.field("permission_code", Int64(permission.code))
          $0.field("permission_level", permission.level)
        }
      }
      writer.endArray()
    }
  }

  @Sendable private static func createUser(_ context: Context) async throws -> Response {
    let admin = try await context.admin()
    guard let input = try context.input().object(newUser) else { return ok }
    var user = NewUser(username: input.required(.username))
    user.email = input.text(.email)
    user.firstName = input.text(firstName) ?? ""
    user.lastName = input.text(lastName) ?? ""
    user.permission = Int(input.integer(permissionCode) ?? Int64(Permission.userCode))
    let password = Password(input.required(.password))
    // An administrator may set a password that the rules refuse; the record says so.
    let overridden = context.services.rules.violations(
      of: password, username: user.username, email: user.email)
    user.passwordHash = try await context.services.tools.hasher.hash(password)
    do {
      _ = try await Users(context.services.database, actor: context.actor(admin.username))
        .create(user, overridden: overridden)
    } catch let refusal as Refusal {
      throw refusal.renaming("permission", to: permissionCode.name)
    }
    return ok
  }

  @Sendable private static func getAllUsers(_ context: Context) async throws -> Response {
    let admin = try await context.admin()
    try check(context)
    let actor = context.actor(admin.username)
    return try await context.list(
      ListSource(
        id: \.id, mayBeOld: true,
        fetch: { try await Users($0, actor: actor).page(after: $1, limit: $2) },
        write: { user, writer in
          writer.object {
            $0.field("email", user.email)
            $0.field("username", user.username)
            $0.field("first_name", user.firstName)
            $0.field("last_name", user.lastName)
            $0.field("permission_code", Int64(user.permission.code))
            $0.field("permission_level", user.permission.level)
          }
        }),
      in: ListFrame(
        opening: Array("{\"status\":200,\"data\":[".utf8), closing: Array("]}".utf8)))
  }

  @Sendable private static func login(_ context: Context) async throws -> Response {
    let success = try await context.signIn(try context.input(), .havoc, [.sessionToken])
    return self.success { writer in
      writer.object {
        $0.field("session_token", success.text(.sessionToken))
        $0.field("username", success.user.username)
        $0.field("first_name", success.user.firstName)
        $0.field("last_name", success.user.lastName)
        $0.field("fk_permission_code", Int64(success.user.permission.code))
        $0.field("permission_level", success.user.permission.level)
      }
    }.with(Response.noStore)
  }

  @Sendable private static func logout(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    try check(context)
    try await Sessions(context.services.database, actor: context.actor()).signOut(caller)
    return ok
  }

  @Sendable private static func checkStatus(_ context: Context) async throws -> Response {
    _ = try await context.caller()
    try check(context)
    return ok
  }
}
