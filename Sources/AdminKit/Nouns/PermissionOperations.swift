import Domain
import Postgres

/// `permission`: what accounts may do.
enum PermissionOperations {
  static let all = [list, create, edit, delete, assign, check]

  private static let code = Argument("CODE", .permission, "a permission code")

  private static let list = Operation(
    "permission", "list", "List the permission codes", columns: Permissions.listing.columns,
    effect: .reads, examples: ["havocctl permission list -o json"]
  ) { try await $0.list(Permissions.listing) }

  private static let create = Operation(
    "permission", "create", "Make a permission code",
    arguments: [
      Argument("CODE", .integer, "a positive number"), Argument("LEVEL", .text, "its name"),
    ],
    options: [Option("admin", nil, .text, "whoever has it is an administrator")],
    columns: Permissions.listing.columns + [.changed], effect: .adds,
    examples: ["havocctl permission create 10 AUDITOR"]
  ) { invocation in
    let code = Int(invocation.arguments.text("CODE")) ?? 0
    try await invocation.permissions.create(
      code: code, level: invocation.arguments.text("LEVEL"),
      isAdmin: invocation.arguments.flag("admin"))
    try await invocation.answerChange(
      Permissions.listing, Permissions.condition(code: code), changed: true)
  }

  private static let edit = Operation(
    "permission", "edit", "Change a permission code", arguments: [code],
    options: [
      Option("level", "NAME", .text, "its name"),
      Option("admin", nil, .text, "whoever has it is an administrator"),
      Option("no-admin", nil, .text, "whoever has it isn't"),
    ],
    columns: Permissions.listing.columns + [.changed], effect: .changes,
    examples: ["havocctl permission edit 2 --level SUPPORT"]
  ) { invocation in
    let arguments = invocation.arguments
    guard !(arguments.flag("admin") && arguments.flag("no-admin")) else {
      throw Failure(.usage, "--admin and --no-admin exclude each other")
    }
    let permission = try await find(invocation)
    let isAdmin: Bool? = arguments.flag("admin") ? true : arguments.flag("no-admin") ? false : nil
    let changed = try await invocation.permissions.edit(
      permission, level: arguments.value("level"), isAdmin: isAdmin)
    try await invocation.answerChange(
      Permissions.listing, Permissions.condition(code: permission.code), changed: changed)
  }

  private static func find(_ invocation: Invocation) async throws -> Permission {
    try await invocation.permissions.find(Int(invocation.arguments.text("CODE")) ?? 0)
  }

  private static let deletedColumns = [Column("code", .int), Column("level", .text), .changed]

  private static let delete = Operation(
    "permission", "delete", "Delete a permission code that no account has", arguments: [code],
    columns: deletedColumns, effect: .destroys, examples: ["havocctl permission delete 10 --yes"]
  ) { invocation in
    let permission = try await find(invocation)
    try await invocation.permissions.delete(permission)
    try await invocation.begin(shape: .one)
    try await invocation.row(
      [.int(permission.code), .text(permission.level), .bool(true)], changed: true)
  }

  private static let assign = Operation(
    "permission", "assign", "Give accounts a permission code",
    arguments: [
      code,
      Argument("USER", .user, .many, "usernames, e-mail addresses, ids or user_ids; - reads them"),
    ],
    columns: [
      Column("id", .int), .username, Column("permission", .int),
      Column("level", .text), .changed,
    ], effect: .changes, examples: ["havocctl permission assign 2 ada grace --confirm=2"]
  ) { invocation in
    let permission = try await find(invocation)
    var wanted = UserChanges()
    wanted.permission = permission.code
    let users = try await invocation.users("USER")
    try await invocation.begin(shape: .many)
    for user in users {
      let changed = try await invocation.users.edit(user, wanted).changed
      try await invocation.row(
        [
          .int(user.id), .text(user.username), .int(permission.code), .text(permission.level),
          .bool(changed),
        ], changed: changed)
    }
  }

  private static let check = Operation(
    "permission", "check", "Say whether an account may call an endpoint, and why",
    lineDetails: "It exits with 0 when it may and with 5 when it may not.",
    arguments: [
      Argument("USER", .user, "a username, e-mail address, id or user_id"),
      Argument("OPERATION", .endpoint, "an endpoint's path, or its last part"),
    ],
    columns: [Column("allowed", .bool), Column("because", .text)], effect: .reads,
    examples: ["havocctl permission check ada user_admin/create_user"]
  ) { invocation in
    let user = try await invocation.users.find(invocation.arguments.text("USER"))
    let policy = try policy(invocation)
    let (allowed, because) = judge(user, policy)
    try await invocation.begin(shape: .one)
    try await invocation.row([.bool(allowed), .text(because)])
    if !allowed { await invocation.end(with: .refused) }
  }

  private static func policy(_ invocation: Invocation) throws -> EndpointPolicy {
    let wanted = invocation.arguments.text("OPERATION")
    let policies = invocation.environment.policies
    let exact = policies.first { $0.endpoint == wanted || $0.endpoint.hasSuffix(" \(wanted)") }
    let trimmed = wanted.split(separator: "/").joined(separator: "/")
    guard !trimmed.isEmpty,
      let found = exact ?? policies.first(where: { $0.endpoint.hasSuffix("/\(trimmed)") })
    else {
      let names = policies.compactMap { $0.endpoint.split(separator: "/").last.map(String.init) }
      throw Failure(
        .notFound, "there is no endpoint “\(wanted)”",
        hint: NearestName.find(wanted, in: names).map { "did you mean \($0)?" })
    }
    return found
  }

  private static func judge(_ user: User, _ policy: EndpointPolicy) -> (Bool, String) {
    if policy.need == .nothing { return (true, "\(policy.endpoint) is open to anybody") }
    if user.deleted != nil { return (false, "the account is deleted") }
    if user.isLocked { return (false, "the account is locked") }
    let held = "permission \(user.permission.code) (\(user.permission.level))"
    if policy.need == .signIn { return (true, "\(policy.endpoint) is open to whoever signs in") }
    return user.permission.isAdmin
      ? (true, "\(held) is an administrator's")
      : (false, "\(policy.endpoint) is for administrators, and \(held) isn't an administrator's")
  }
}
