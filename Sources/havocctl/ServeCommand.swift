import AdminKit
import Domain
import EventLoop
import Glibc
import Postgres
import Server

/// `serve`: the server itself.
enum ServeCommand {
  /// - Parameter reread: reads the configuration anew, with the options and the environment of the
  ///   start.
  static func run(
    _ arguments: Arguments, _ configuration: Configuration, _ access: DatabaseAccess,
    _ loop: Loop, reread: @escaping @Sendable () throws -> Configuration
  ) async throws {
    // It was told to end while the embedded database was made or started.
    guard !Interrupt.isRaised else { return }
    var settings = try ServerSettings(configuration)
    let log: Log
    do {
      log = try Log(settings.log, journal: Program.environment("JOURNAL_STREAM"))
    } catch {
      throw Failure(
        .failed, "log-file: \(error.description)",
        hint: "it comes from: \(configuration.entry("log-file").origin)")
    }
    connect(&settings, access, configuration, log)
    let server = HTTPServer(settings: settings, loop: loop, log: log) { old in
      guard old.isLasting else {
        throw Failure(.failed, "\(old.file ?? ""): that is no file that can be read again")
      }
      let (configuration, changed, waiting) = try reread().reloaded(over: old)
      var settings = try ServerSettings(configuration)
      connect(&settings, access, configuration, log)
      return ReadAgain(settings: settings, changed: changed, waiting: waiting)
    }
    let mayMigrate = !arguments.flag("no-migrate")
    do {
      try await server.run { try await prepare($0, mayMigrate: mayMigrate, log) }
    } catch let failure as ListenFailure {
      throw Failure(
        .failed, "can't listen on \(failure.address): \(failure.reason)",
        hint: failure.isInUse
          ? "another server is there; choose another address with --\(failure.option)" : nil)
    }
  }

  /// Adds what only the program knows. On the embedded database there is nobody else to tell a code
  /// to than who reads the log.
  private static func connect(
    _ settings: inout ServerSettings, _ access: DatabaseAccess, _ configuration: Configuration,
    _ log: Log
  ) {
    settings.database = access.conninfo ?? ""
    if access.isEmbedded { settings.reviveDatabase = { try access.revive() } }
    guard settings.mail == nil, access.isEmbedded else { return }
    settings.mail = configuration.mailSettings(
      .log { username, code in
        log(.info, "sign-in code", ["username": .text(username), "code": .text(code)])
      })
  }

  private static func prepare(_ database: Database, mayMigrate: Bool, _ log: Log) async throws {
    let migrator = Migrator(database)
    do {
      try await migrator.check()
    } catch let mismatch as SchemaMismatch {
      guard mayMigrate, case .behind = mismatch else { throw mismatch }
      for step in try await migrator.migrate() {
        log(.info, "migrated", ["version": .number(Int64(step.version)), "name": .text(step.name)])
      }
    }
  }
}
