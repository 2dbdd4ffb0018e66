import Domain
import Postgres

/// `user`: accounts.
enum UserOperations {
  static let all = [
    create, ensure, list, show, edit, passwd, twoFactor, lock, unlock, delete, restore, importFile,
    export,
  ]

  private static let user = Argument("USER", .user, "a username, e-mail address, id or user_id")
  private static let users = Argument(
    "USER", .user, .many, "usernames, e-mail addresses, ids or user_ids; - reads them")
  private static let changeColumns = [Column("id", .int), .username, .changed]

  private static let fieldOptions = [
    Option("email", "ADDRESS", .text, "the e-mail address; empty for none"),
    Option("first-name", "NAME", .text, "the first name"),
    Option("last-name", "NAME", .text, "the last name"),
    Option("permission", "CODE", .permission, "the permission code"),
  ]
  private static let twoFactorOption = Option(
    "two-factor", nil, .text, "ask for a code by e-mail at each sign-in")
  private static let force = Option(
    "force", nil, .text, "take a password that breaks the rules")

  // MARK: Making

  private static let create = Operation(
    "user", "create", "Make an account",
    lineDetails: "The password is asked for twice, unless an option says where it comes from.",
    arguments: [Argument("USERNAME", .text, "1 to 150 letters, digits, spaces and @.+-_'")],
    options: fieldOptions + [
      twoFactorOption,
      Option(
        "if-not-exists", nil, .text, "leave an account that is there as it is",
        isCommandLineOnly: true), force,
    ],
    columns: Users.listing.columns + [.changed], effect: .adds, password: .optional,
    examples: [
      "havocctl user create ada --email ada@example.org --generate-password",
      "havocctl user create root --permission 3 --password-file /run/secrets/root",
    ]
  ) { invocation in
    let username = try Username.normalised(invocation.arguments.text("USERNAME"))
    if invocation.arguments.flag("if-not-exists"),
      let user = try await existing(username, invocation)
    {
      return try await invocation.answerChange(
        Users.listing, Users.condition(id: user.id), changed: false)
    }
    try await make(username, invocation)
  }

  private static let ensure = Operation(
    "user", "ensure", "Make an account, or bring the one that is there to the given fields",
    details: "Run twice it changes nothing. The password of an account that is there stays.",
    arguments: [Argument("USERNAME", .text, "1 to 150 letters, digits, spaces and @.+-_'")],
    options: fieldOptions + [twoFactorOption, force],
    columns: Users.listing.columns + [.changed], effect: .adds, password: .optional,
    isCommandLineOnly: true,
    examples: ["havocctl user ensure ci --permission 2 --no-password"]
  ) { invocation in
    let username = try Username.normalised(invocation.arguments.text("USERNAME"))
    guard let user = try await existing(username, invocation) else {
      return try await make(username, invocation)
    }
    let (edited, changed) = try await invocation.users.edit(user, changes(invocation.arguments))
    try await invocation.answerChange(
      Users.listing, Users.condition(id: edited.id), changed: changed)
  }

  private static func existing(
    _ username: String, _ invocation: Invocation
  ) async throws -> User? {
    do {
      let user = try await invocation.users.find(username)
      return user.username.caseFoldedKey == username.caseFoldedKey ? user : nil
    } catch let refusal as Refusal {
      guard case .notFound = refusal else { throw refusal }
      return nil
    }
  }

  private static func make(_ username: String, _ invocation: Invocation) async throws {
    var new = NewUser(username: username)
    new.email = invocation.arguments.value("email")
    new.firstName = invocation.arguments.value("first-name") ?? ""
    new.lastName = invocation.arguments.value("last-name") ?? ""
    new.permission = invocation.arguments.integer("permission") ?? Permission.userCode
    new.twoFactor = invocation.arguments.flag("two-factor")
    var aside: [String] = []
    if let given = invocation.password {
      aside = try overridden(given, new.username, new.email, invocation)
      new.passwordHash = try await invocation.environment.hash(given.password)
    }
    let user = try await invocation.users.create(new, overridden: aside)
    try await invocation.answerChange(
      Users.listing, Users.condition(id: user.id), changed: true,
      extra: generated(invocation.password))
  }

  /// Rules that `--force` sets aside.
  /// - Throws: `.invalid` where it wasn't given.
  private static func overridden(
    _ given: GivenPassword, _ username: String, _ email: String?, _ invocation: Invocation
  ) throws -> [String] {
    let violations = invocation.environment.rules.violations(
      of: given.password, username: username, email: email)
    if violations.isEmpty || invocation.arguments.flag("force") { return violations }
    let why = violations.joined(separator: " ")
    throw Failure(
      .failed, why, hint: "--force sets the rules aside", fault: FieldError("password", why))
  }

  private static func generated(_ given: GivenPassword?) -> [(column: Column, value: Value)] {
    given?.generated.map { [(Column("password", .text), .text($0))] } ?? []
  }

  private static func changes(_ arguments: Arguments) -> UserChanges {
    var changes = UserChanges()
    if let email = arguments.value("email") { changes.email = .some(email) }
    changes.firstName = arguments.value("first-name")
    changes.lastName = arguments.value("last-name")
    changes.permission = arguments.integer("permission")
    if arguments.flag("two-factor") { changes.twoFactor = true }
    return changes
  }

  // MARK: Looking

  private static let list = Operation(
    "user", "list", "List accounts",
    options: [
      Option("permission", "CODE", .permission, "only those with this permission code"),
      Option("locked", nil, .text, "only those that are locked"),
      Option("deleted", nil, .text, "those that were deleted and can be restored"),
    ],
    columns: Users.listing.columns, effect: .reads,
    examples: [
      "havocctl user list --where 'email~example.org' --sort -created --limit 20",
      "havocctl user list -o name | xargs -n1 havocctl user show",
    ]
  ) { invocation in
    var conditions = [Users.condition(deleted: invocation.arguments.flag("deleted"))]
    if let code = invocation.arguments.integer("permission") {
      conditions.append(Users.condition(permission: code))
    }
    if invocation.arguments.flag("locked") { conditions.append(Users.condition(locked: true)) }
    try await invocation.list(Users.listing, conditions)
  }

  private static let show = Operation(
    "user", "show", "Show one account", arguments: [user],
    columns: Users.listing.columns, effect: .reads, examples: ["havocctl user show ada -o json"]
  ) { invocation in
    let name = invocation.arguments.text("USER")
    try await invocation.show(
      Users.listing, [Users.condition(named: name)], missing: Users.missing(name))
  }

  // MARK: Changing

  private static let edit = Operation(
    "user", "edit", "Change an account's fields", arguments: [user],
    options: [Option("username", "NAME", .text, "the new username")] + fieldOptions + [
      Option("avatar", "PATH", .text, "the avatar's path under /media/")
    ],
    columns: Users.listing.columns + [.changed], effect: .changes,
    examples: ["havocctl user edit ada --permission 2"]
  ) { invocation in
    let user = try await invocation.users.find(invocation.arguments.text("USER"))
    var wanted = changes(invocation.arguments)
    wanted.username = invocation.arguments.value("username")
    wanted.avatar = invocation.arguments.value("avatar")
    let (edited, changed) = try await invocation.users.edit(user, wanted)
    try await invocation.answerChange(
      Users.listing, Users.condition(id: edited.id), changed: changed)
  }

  private static let passwd = Operation(
    "user", "passwd", "Set an account's password, which ends its sessions", arguments: [user],
    options: [force], columns: changeColumns, effect: .changes, password: .required,
    examples: ["havocctl user passwd ada --generate-password"]
  ) { invocation in
    let user = try await invocation.users.find(invocation.arguments.text("USER"))
    guard let given = invocation.password else { return }
    let aside = try overridden(given, user.username, user.email, invocation)
    let hash = try await invocation.environment.hash(given.password)
    try await invocation.users.setPassword(of: user, to: hash, overridden: aside)
    let extra = generated(given)
    try await invocation.begin(changeColumns + extra.map(\.column), shape: .one)
    try await invocation.row(
      [.int(user.id), .text(user.username), .bool(true)] + extra.map(\.value), changed: true)
  }

  private static let twoFactor = Operation(
    "user", "two-factor", "Switch an account's second factor on or off",
    details: "With it, a sign-in in any dialect needs the code that is sent by e-mail.",
    arguments: [user, Argument("SWITCH", .choice(["on", "off"]), "on or off")],
    columns: changeColumns, effect: .changes, examples: ["havocctl user two-factor ada on"]
  ) { invocation in
    let user = try await invocation.users.find(invocation.arguments.text("USER"))
    let changed = try await invocation.users.setTwoFactor(
      user, on: invocation.arguments.text("SWITCH") == "on")
    try await invocation.begin(shape: .one)
    try await invocation.row(
      [.int(user.id), .text(user.username), .bool(changed)], changed: changed)
  }

  /// Does the same to each account named.
  private static func each(
    _ invocation: Invocation, _ change: (Users, User) async throws -> Bool
  ) async throws {
    let users = try await invocation.users("USER")
    try await invocation.begin(changeColumns, shape: .many)
    for user in users {
      let changed = try await change(invocation.users, user)
      try await invocation.row(
        [.int(user.id), .text(user.username), .bool(changed)], changed: changed)
    }
  }

  private static let lock = Operation(
    "user", "lock", "Lock accounts: nothing of theirs is accepted until they are unlocked",
    arguments: [users],
    options: [
      Option("reason", "TEXT", .text, "why, for the record"),
      Option("until", "WHEN", .moment(.future), "unlock by itself then"),
    ],
    columns: changeColumns, effect: .changes,
    examples: ["havocctl user lock ada --reason 'left the company' --until 7d"]
  ) { invocation in
    let until = invocation.arguments.moment("until", .future)?.resolved(.future)
    let reason = invocation.arguments.value("reason")
    try await each(invocation) { try await $0.lock($1, reason: reason, until: until) }
  }

  private static let unlock = Operation(
    "user", "unlock", "Unlock accounts", arguments: [users], columns: changeColumns,
    effect: .changes, examples: ["havocctl user unlock ada"]
  ) { invocation in
    try await each(invocation) { try await $0.unlock($1) }
  }

  private static let delete = Operation(
    "user", "delete", "Delete accounts, which restore brings back until they are purged",
    details: """
      A deleted account's credentials are refused at once and its name stays taken. A server removes
      it for good when the setting retention, 30 days, is over.
      """,
    lineDetails: "With --purge they are removed for good at once, with everything of theirs.",
    arguments: [users],
    options: [Option("purge", nil, .text, "remove for good, now")],
    columns: changeColumns, effect: .destroys,
    examples: ["havocctl user delete ada --yes", "havocctl user delete --purge 17 18 --confirm=2"]
  ) { invocation in
    let isPurge = invocation.arguments.flag("purge")
    try await each(invocation) { isPurge ? try await $0.purge($1) : try await $0.delete($1) }
  }

  private static let restore = Operation(
    "user", "restore", "Bring deleted accounts back",
    arguments: [Argument("USER", .live(.deletedUser), .many, users.help)], columns: changeColumns,
    effect: .destroys, examples: ["havocctl user restore ada --yes"]
  ) { invocation in
    try await each(invocation) { try await $0.restore($1) }
  }
}
