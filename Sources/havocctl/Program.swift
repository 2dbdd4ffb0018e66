import AdminKit
import Domain
import EventLoop
import Glibc
import Postgres
import Server

/// One run of the program.
struct Program {
  let arguments: [String]

  private static let registry = Registry.all

  func run() -> ExitStatus {
    // Errors are written as the answer would be, also where the line itself is wrong.
    let wantsJSON =
      zip(arguments, arguments.dropFirst()).contains {
        ["-o", "--output"].contains($0) && $1.hasPrefix("json")
      } || arguments.contains { ["-ojson", "-ojsonl", "--output=json"].contains($0) }
    do {
      return try execute()
    } catch is ReaderGone {
      return .done
    } catch {
      return ErrorReport(asJSON: wantsJSON).report(error)
    }
  }

  private func execute() throws -> ExitStatus {
    if arguments.isEmpty {
      print(Help(Self.registry).overview(), terminator: "")
      return .done
    }
    let command = try CommandLineParser(Self.registry).parse(
      arguments == ["--version"] ? ["version"] : arguments)
    guard let operation = command.operation, !command.global.help else {
      let verb = command.operation?.verb
      print(
        try HelpText.text(noun: command.noun, verb: verb, Self.registry), terminator: "")
      return .done
    }
    let configuration = try Configuration(
      options: command.settings, file: command.configFile, environment: Self.environment)
    return try run(operation, command, configuration)
  }

  private func run(
    _ operation: AdminKit.Operation, _ command: ParsedCommand, _ configuration: Configuration
  ) throws -> ExitStatus {
    // A server that is told to read its configuration while it starts does so afterwards.
    if operation.noun == ServeOperation.noun { Signals.hold([SIGHUP]) }
    let access = try DatabaseAccess(configuration, need(operation))
    defer { access.release() }
    let loop = try Loop()
    let outcome = runToEnd(on: loop) {
      await Self.perform(operation, command, configuration, access, loop)
    }
    return try outcome.get()
  }

  private func need(_ operation: AdminKit.Operation) -> DatabaseAccess.Need {
    switch operation.effect {
    case .standsAlone: operation.noun == ServeOperation.noun ? .running : .none
    case .peeks: .asItIs
    case .diagnoses: .ifPossible
    default: .running
    }
  }

  /// Concurrent, because a closure that is written in a main-actor context would run there and not
  /// on the loop.
  @concurrent
  private static func perform(
    _ operation: AdminKit.Operation, _ command: ParsedCommand, _ configuration: Configuration,
    _ access: DatabaseAccess, _ loop: Loop
  ) async -> Result<ExitStatus, any Error> {
    do {
      guard operation.noun != ServeOperation.noun else {
        if command.global.watch != nil {
          throw Failure(.usage, "--watch: serve doesn't only read")
        }
        try await ServeCommand.run(command.arguments, configuration, access, loop) {
          try Configuration(
            options: command.settings, file: command.configFile, environment: environment)
        }
        return .success(.done)
      }
      return .success(try await administer(operation, command, configuration, access, loop))
    } catch {
      return .failure(error)
    }
  }

  private static func administer(
    _ operation: AdminKit.Operation, _ command: ParsedCommand, _ configuration: Configuration,
    _ access: DatabaseAccess, _ loop: Loop
  ) async throws -> ExitStatus {
    var database: Database?
    if let conninfo = access.conninfo {
      var options = Database.Options(conninfo: conninfo)
      options.maxTransactions = 1
      let opened = Database(loop: loop, options: options)
      database = opened
      try await prepare(operation, access, opened)
    }
    defer { database?.close() }
    let environment = AdminEnvironment(
      configuration: configuration, loop: loop, database: database, databaseFault: access.fault,
      isEmbedded: access.isEmbedded,
      conninfo: access.conninfo,
      terminal: Terminal(),
      registry: registry, version: ServerDescription.version, policies: ServerDescription.policies)
    return try await Runner(environment: environment, actor: Actor(name: "cli:\(unixUser)")).run(
      operation, command.arguments, command.global, on: database)
  }

  private static func prepare(
    _ operation: AdminKit.Operation, _ access: DatabaseAccess, _ database: Database
  ) async throws {
    switch operation.effect {
    case .administers, .inspects, .peeks: break
    case .diagnoses: if access.isEmbedded { try? await access.prepareSchema(database) }
    default: try await access.prepareSchema(database)
    }
  }

  /// Who runs the program, for the audit: also behind sudo.
  private static var unixUser: String {
    if let user = environment("SUDO_USER") { return user }
    guard let entry = getpwuid(getuid()) else { return "\(getuid())" }
    return String(cString: entry.pointee.pw_name)
  }

  /// A variable's value; nil where it is unset or empty.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
