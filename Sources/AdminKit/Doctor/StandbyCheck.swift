import Domain
import EventLoop
import Postgres

/// What a service needs of its standby: that it can be read, and follows.
struct StandbyCheck {
  let options: Database.Options
  let loop: Loop
  /// How far it may be behind.
  let limit: Duration

  /// - Parameter configuration: which names one, or doesn't: nil.
  init?(_ configuration: Configuration, _ loop: Loop) {
    guard let conninfo = configuration.given("database-replica") else { return nil }
    var options = Database.Options(conninfo: conninfo)
    options.onlyReads = true
    options.statementTimeout = options.connectTimeout
    self.options = options
    self.loop = loop
    limit = configuration.duration("database-replica-lag")
  }

  func run(following primary: any Querying) async -> Finding {
    await Finding.of("standby") {
      let standby = Database(loop: loop, options: options)
      defer { standby.close() }
      let (newest, _) = try await Self.ask(primary)
      let (known, follows) = try await Self.ask(standby)
      guard follows else {
        return .warning(
          "standby", "it isn't one, but takes writes itself",
          hint: "name a standby in database-replica, or nothing")
      }
      // The newest sign of life may be on its way.
      let seconds = max(0, newest - known - Presence.beatInterval.components.seconds)
      let detail = known > 0 ? "\(seconds) s behind" : "it knows of no server that has ever run"
      guard .seconds(seconds) > limit else { return .ok("standby", detail) }
      return .failed(
        "standby", detail, hint: "look at its log, and at pg_stat_replication of the primary")
    }
  }

  private static func ask(_ database: any Querying) async throws -> (newest: Int64, follows: Bool) {
    try await database.query(newest)[0].decode(Int64.self, Bool.self)
  }

  /// When a server was last alive, as far as is known there, and whether it is one that follows.
  private static let newest = Statement(
    """
    SELECT coalesce(extract(epoch FROM max(seen)), 0)::bigint, pg_is_in_recovery() FROM server
    """)
}
