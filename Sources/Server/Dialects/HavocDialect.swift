import Domain
import Postgres

/// havoc: `username` and `session_token` in the body, `{"status", "data"}` in every answer.
enum HavocDialect {
  static let routes: [Route] = [
    Route(.post, "permission_admin/get_permissions", .havoc, .admin, handle: getPermissions),
    Route(.post, "user_admin/create_user", .havoc, .admin, [newUser], handle: createUser),
    Route(.post, "user_admin/get_all_users", .havoc, .admin, handle: getAllUsers),
    Route(.post, "user/login", .havoc, .anyone, [.username, .password, .code], handle: login),
    Route(.post, "user/logout", .havoc, .caller, handle: logout),
    Route(.post, "user/check_status", .havoc, .caller, handle: checkStatus),
  ]

  private static let firstName = Field("first_name", .text(longest: 1_024), isRequired: false)
  private static let lastName = Field("last_name", .text(longest: 1_024), isRequired: false)
  private static let permissionCode = Field("fk_permission_code", .integer, isRequired: false)
  private static let newUser = Field(
    "new_user",
    .object([
      .username, Field.email.optional, firstName, lastName, .password, permissionCode,
    ]))

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

  @Sendable private static func getPermissions(_ context: Context) async throws -> Response {
    let admin = try await context.admin()
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
    let users = Users(context.services.database, actor: context.actor(admin.username))
    return try await context.list(
      ListSource(
        id: \.id, fetch: { try await users.page(after: $0, limit: $1) },
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
    try await Sessions(context.services.database, actor: context.actor()).signOut(caller)
    return ok
  }

  @Sendable private static func checkStatus(_ context: Context) async throws -> Response {
    _ = try await context.caller()
    return ok
  }
}
