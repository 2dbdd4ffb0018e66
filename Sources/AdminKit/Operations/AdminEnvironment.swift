import Domain
import EventLoop
import Glibc
import Postgres

/// What operations work with besides the database.
public struct AdminEnvironment: Sendable {
  public let configuration: Configuration
  /// The loop that commands run on.
  public let loop: Loop
  /// The connections behind what commands run on; nil for one that needs none.
  public let database: Database?
  /// Why there is no database, where one was wanted.
  public let databaseFault: (any Error)?
  /// Whether the database is this program's own.
  public let isEmbedded: Bool
  /// How libpq reaches the database; nil where a command needs none, or it doesn't run.
  public let conninfo: String?
  public let terminal: Terminal
  public let keys: SigningKeys
  public let registry: Registry
  /// The program's version.
  public let version: String
  /// What the server's endpoints ask of their caller.
  public let policies: [EndpointPolicy]
  /// Nil where one is made for each password.
  private let hasher: PasswordHasher?

  public init(
    configuration: Configuration, loop: Loop, database: Database?, databaseFault: (any Error)?,
    isEmbedded: Bool,
    conninfo: String?,
    terminal: Terminal,
    registry: Registry, version: String, policies: [EndpointPolicy]
  ) {
    self.configuration = configuration
    self.loop = loop
    self.database = database
    self.databaseFault = databaseFault
    self.isEmbedded = isEmbedded
    keys = SigningKeys(seal: configuration.seal)
    self.conninfo = conninfo
    self.terminal = terminal
    self.registry = registry
    self.version = version
    self.policies = policies
    hasher = nil
  }

  /// For what runs within a server.
  /// - Parameter hasher: the server's own, which bounds how much is hashed at once.
  public init(
    configuration: Configuration, loop: Loop, keys: SigningKeys, hasher: PasswordHasher,
    registry: Registry, version: String, policies: [EndpointPolicy]
  ) {
    self.configuration = configuration
    self.loop = loop
    self.keys = keys
    self.hasher = hasher
    self.registry = registry
    self.version = version
    self.policies = policies
    terminal = .nobody
    (database, databaseFault, conninfo) = (nil, nil, nil)
    isEmbedded = false
  }

  // What only a few commands need is made when they do: a command's start is most of its time.

  /// Hashes passwords with the configured parameters.
  func hash(_ password: Password) async throws -> PasswordHash {
    let hasher =
      try hasher ?? PasswordHasher(parameters: configuration.passwords, threads: 1, limit: 1)
    return try await hasher.hash(password)
  }

  /// Completes command lines, with names from the database where it answers.
  func completer(_ place: Completer.Place) -> Completer {
    let names = conninfo.map { NameLookup(conninfo: $0) }
    return Completer(registry, place, endpoints: policies.map(\.endpoint)) {
      kind, beginning, settings in
      let other = Self.database(settings).map { NameLookup(conninfo: $0) }
      return (other ?? names)?.find(kind, beginning) ?? []
    }
  }

  /// The database that a line itself names.
  private static func database(_ settings: [String: String]) -> String? {
    if let database = settings["database"] { return database }
    guard let file = settings["config"] else { return nil }
    let configuration = try? Configuration(options: [:], file: file) { name in
      getenv(name).map { String(cString: $0) }
    }
    return configuration?.given("database")
  }

  /// The rules for passwords, with the packaged dictionary where there is one.
  var rules: PasswordRules { PasswordRules(dictionary: PasswordDictionary()) }
}

/// Who may call an endpoint.
public struct EndpointPolicy: Sendable {
  public enum Need: Sendable { case nothing, signIn, administrator }

  /// `POST /user_admin/create_user`.
  public let endpoint: String
  public let need: Need

  public init(endpoint: String, need: Need) {
    self.endpoint = endpoint
    self.need = need
  }
}
