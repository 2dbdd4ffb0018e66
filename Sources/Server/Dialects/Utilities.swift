import Domain
import EventLoop
import Postgres

/// What belongs to no dialect.
enum Utilities {
  static let version = "0.1.0"

  static let routes: [Route] = [
    Route(.get, "status", .detail(nil), .anyone, handle: status),
    Route(.get, "version", .detail(nil), .anyone, handle: showVersion),
  ]

  private static let ping = Statement("SELECT 1")

  /// Whether the server and its database work.
  @Sendable private static func status(_ context: Context) async throws -> Response {
    var outage: String?
    do {
      try await context.services.database.query(ping)
    } catch {
      // The library's own words may hold the address and the user of the database.
      outage = error.kind == .server ? error.message : "the database can't be reached"
    }
    let uptime = (Loop.monotonicNanoseconds() - context.services.started) / 1_000_000_000
    return .json(outage == nil ? 200 : 500) {
      $0.field("status", outage == nil ? "ok" : "error")
      $0.field("version", version)
      $0.field("database", outage ?? "ok")
      $0.field("uptime", Int64(uptime))
    }
  }

  /// Answers without the database.
  @Sendable private static func showVersion(_ context: Context) async throws -> Response {
    .json(200) { $0.field("version", version) }
  }
}
