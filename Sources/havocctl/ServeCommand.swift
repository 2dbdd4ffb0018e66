import AdminKit
import Domain
import EventLoop
import Glibc
import Postgres
import Server

/// `serve`: the server itself.
enum ServeCommand {
  static func run(
    _ arguments: Arguments, _ configuration: Configuration, _ access: DatabaseAccess,
    _ loop: Loop
  ) async throws {
    var settings = try settings(configuration, access)
    let log = Log(
      level: settings.logLevel, hasPriorities: Program.environment("JOURNAL_STREAM") != nil)
    if let server = try configuration.smtpServer() {
      settings.mail = configuration.mailSettings(.smtp(server))
    } else if access.isEmbedded {
      settings.mail = configuration.mailSettings(
        .log { username, code in
          log(.info, "sign-in code", ["username": .text(username), "code": .text(code)])
        })
    }
    let mayMigrate = !arguments.flag("no-migrate")
    do {
      try await HTTPServer(settings: settings, loop: loop, log: log).run { database in
        try await prepare(database, mayMigrate: mayMigrate, log)
      }
    } catch let failure as ListenFailure {
      throw Failure(
        .failed, "can't listen on \(failure.address): \(failure.reason)",
        hint: failure.isInUse
          ? "another server is there; choose another address with --\(failure.option)" : nil)
    }
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

  private static func settings(
    _ configuration: Configuration, _ access: DatabaseAccess
  ) throws -> ServerSettings {
    var settings = ServerSettings()
    settings.database = access.conninfo ?? ""
    settings.listen = try configuration.text("listen").split(separator: ",").map { text in
      guard let address = ListenAddress(String(text).trimmed) else {
        throw Failure(
          .usage, "listen: “\(text)” isn't HOST:PORT or unix:PATH",
          hint: "it comes from: \(configuration.entry("listen").origin)")
      }
      return address
    }
    settings.threads = configuration.integer("threads") > 0 ? configuration.integer("threads") : nil
    settings.logLevel = Log.Level(name: configuration.text("log-level")) ?? .info
    settings.limits.body = configuration.size("max-body")
    settings.limits.avatar = configuration.size("max-avatar")
    settings.limits.sets = configuration.size("max-set-body")
    settings.limits.connections = configuration.integer("max-connections")
    settings.limits.connectionsPerAddress = configuration.integer("max-connections-per-address")
    settings.limits.headTimeout = configuration.duration("head-timeout")
    settings.limits.bodyIdleTimeout = configuration.duration("body-idle-timeout")
    settings.limits.bodyTimeout = configuration.duration("body-timeout")
    settings.limits.keepAliveTimeout = configuration.duration("keep-alive-timeout")
    settings.statementTimeout = configuration.duration("request-timeout")
    // A statement that is cancelled still has to say so.
    settings.limits.handlerTimeout = settings.statementTimeout + .seconds(2)
    settings.pingInterval = configuration.duration("ping-interval")
    settings.chatRate = configuration.integer("chat-rate")
    settings.streams.openTimeout = configuration.duration("stream-open-timeout")
    settings.streams.areListedToAnyone = configuration.text("testing-routes") == "on"
    settings.shutdownTimeout = configuration.duration("shutdown-timeout")
    settings.passwordQueue = configuration.integer("password-queue")
    settings.passwords = configuration.passwords
    settings.lifetimes = configuration.lifetimes
    settings.attempts = configuration.attempts
    settings.retention = configuration.retention
    settings.seal = configuration.seal
    settings.oauth = try configuration.oauthSettings()
    do {
      try settings.trustProxies(configuration.text("trusted-proxies"))
    } catch {
      throw configuration.fault(
        "trusted-proxies", "“\(error.part)” is neither a network nor the word unix")
    }
    do {
      settings.stun = try STUNSettings(listen: configuration.text("stun"))
    } catch {
      throw configuration.fault("stun", "“\(error.part)” isn't HOST:PORT")
    }
    do {
      try settings.stun.alternate(with: configuration.text("stun-other-address"))
    } catch {
      throw configuration.fault(
        "stun-other-address",
        """
        “\(error.part)” must be a HOST:PORT that differs from stun's first in both, and neither may \
        be a wildcard
        """)
    }
    settings.stun.rate = configuration.integer("stun-rate")
    do {
      try settings.allowOrigins(configuration.text("allowed-origins"))
    } catch {
      throw configuration.fault(
        "allowed-origins", "“\(error.part)” isn't like https://app.example.org")
    }
    return settings
  }
}
