import EventLoop
import Postgres
import Synchronization

@testable import Domain

extension PasswordParameters {
  /// As little as argon2 does: the tests are about what is done with a hash.
  public static let cheap: PasswordParameters = {
    var parameters = PasswordParameters()
    parameters.memory = 8
    parameters.iterations = 1
    return parameters
  }()
}

/// A schema of its own with what services need.
public struct Home: Sendable {
  public let database: Database
  public let tools: SignIn.Tools
  public let actor = Actor(name: "tester", address: "192.0.2.7", request: "r-1")

  public var users: Users { Users(database, actor: actor) }
  public var sessions: Sessions { Sessions(database, actor: actor) }
  public var signIn: SignIn { SignIn(database, tools: tools, actor: actor) }
  public var refresh: Refresh { Refresh(database, tools: tools, actor: actor) }
  public var codes: LoginCodes { LoginCodes(database, keys: tools.keys) }
  public var bans: Bans { Bans(database, actor: actor) }
  public var attempts: Attempts { Attempts(database, limits: tools.limits) }
  public var authenticator: Authenticator { Authenticator(database, keys: tools.keys) }

  /// Opens it on a loop of its own, and clears it away behind `body`.
  /// - Parameter isMigrated: whether the program's tables are there.
  public static func open<Value: Sendable>(
    isMigrated: Bool = true, _ body: @escaping @Sendable (Home) async throws -> Value
  ) async throws -> Value {
    try await onLoop { loop in
      let schema = "test_" + UUID.random().hex
      let words = ["options": "-c search_path=\(schema)"]
      let database = Database(loop: loop, options: try TestServer.options(words))
      let tools = SignIn.Tools(
        hasher: try PasswordHasher(parameters: .cheap, threads: 1, limit: 100),
        keys: SigningKeys(), lifetimes: Lifetimes())
      try await database.query(.once("CREATE SCHEMA \(schema)"))
      let outcome: Result<Value, any Error>
      do {
        if isMigrated { _ = try await Migrator(database).migrate() }
        outcome = .success(try await body(Home(database: database, tools: tools)))
      } catch {
        outcome = .failure(error)
      }
      try await database.query(.once("DROP SCHEMA \(schema) CASCADE"))
      database.close()
      return try outcome.get()
    }
  }

  public static let password = Password("correct horse battery")

  /// An account with `Home.password`.
  public func makeUser(
    _ username: String, permission: Int = 1, email: String? = nil, twoFactor: Bool = false
  ) async throws -> User {
    var user = NewUser(username: username)
    user.email = email
    user.twoFactor = twoFactor
    user.permission = permission
    user.passwordHash = try await tools.hasher.hash(Self.password)
    return try await users.create(user)
  }

  public func signIn(
    _ username: String, _ kinds: [CredentialKind] = [.access, .refresh],
    password: Password = Home.password, code: String? = nil, address: String? = "192.0.2.7"
  ) async throws -> SignIn.Success {
    let origin = Origin(dialect: .trainer, address: address, userAgent: "test/1 (x)")
    return try await signIn.signIn(
      SignIn.Proof(username: username, password: password, code: code), from: origin, kinds: kinds)
  }

  public func execute(_ sql: String) async throws { try await database.query(.once(sql)) }

  /// The one number that a query gives.
  public func number(_ sql: String) async throws -> Int {
    try await database.query(.once(sql, .reads))[0].decode(Int.self)
  }

  /// Every row's first text.
  public func texts(_ sql: String) async throws -> [String] {
    try await database.query(.once(sql, .reads)).map { try $0.decode(String.self) }
  }

  /// What the audit says happened, in order.
  public func events() async throws -> [String] {
    try await texts("SELECT what || ' ' || coalesce(target, '-') FROM audit ORDER BY id")
  }
}
