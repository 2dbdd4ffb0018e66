import Domain
import EventLoop
import Postgres

/// What belongs to no dialect.
enum Utilities {
  static let version = "0.1.0"

  static let routes: [Route] = [
    Route(.get, "status/", .detail(nil), .anyone, handle: status)
      .documented(
        "status", "Whether the server and its database work", .ok(health("ok")),
        Answer(
          status: 500, about: "The database can't be reached.", content: .json(health("error")))),
    Route(.get, "version/", .detail(nil), .anyone, handle: showVersion)
      .documented(
        "version", "The program's version", .ok(["version": .constant(.string(version))]),
        about: "Asks nobody."),
    Route(.get, "metrics", .detail(nil), .anyone, handle: showMetrics)
      .documented(
        "metrics", "Figures for Prometheus",
        Answer(status: 200, about: "Figures.", content: .other(["text/plain"], .string()))
      )
      .failing(403, "Not from a network of `metrics-allow`."),
  ]

  private static func health(_ status: JSON) -> Schema {
    [
      "status": .constant(status), "version": .constant(.string(version)),
      "database": .string(example: "ok").about("`ok`, or why not."),
      "uptime": .integer(0...Int64.max, example: 86_400).about("Seconds."),
    ]
  }

  private static let ping = Statement("SELECT 1")

  /// How long the database may take at the most to say that it is there.
  private static let patience = Duration.seconds(5)

  /// `ok`, or why not. The library's own words may hold the address and the user of the database,
  /// so they stay here.
  private static func ask(_ database: Database) async -> String {
    do {
      try await database.query(ping)
      return "ok"
    } catch {
      return error.kind == .server ? error.message : "the database can't be reached"
    }
  }

  /// Whether the server and its database work.
  @Sendable private static func status(_ context: Context) async throws -> Response {
    let database = context.services.database
    // Before the request itself is given up, which would be another answer.
    let limit = min(patience, context.services.settings.statementTimeout)
    let answer = await database.loop.withDeadline(limit) { await ask(database) }
    let outage = answer ?? "the database doesn't answer"
    let uptime = (Loop.monotonicNanoseconds() - context.services.started) / 1_000_000_000
    return .json(outage == "ok" ? 200 : 500) {
      $0.field("status", outage == "ok" ? "ok" : "error")
      $0.field("version", version)
      $0.field("database", outage)
      $0.field("uptime", Int64(uptime))
    }
  }

  /// What this server has counted, as Prometheus reads it.
  @Sendable private static func showMetrics(_ context: Context) async throws -> Response {
    let readers = context.services.settings.disclosure.metricsReaders
    guard readers.admits(context.request.address) else {
      throw Refusal.forbidden("The figures aren't for your network.")
    }
    let page = await context.services.census?.page(context.services)
    return Response(
      200, headers: [.init("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
      body: .bytes(page?.bytes ?? []))
  }

  /// Answers without the database.
  @Sendable private static func showVersion(_ context: Context) async throws -> Response {
    .json(200) { $0.field("version", version) }
  }
}
