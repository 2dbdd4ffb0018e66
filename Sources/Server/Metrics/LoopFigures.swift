import Domain
import EventLoop
import Postgres

/// What one loop does, at one moment.
struct LoopFigures: Sendable {
  let requests: RequestCounters
  let inFlight: Int
  let connections: Int
  let database: Database.Figures
  let sockets: [Presence.Kind: Int]
  let lag: Histogram
}

extension Worker {
  /// On the loop's thread.
  var figures: LoopFigures {
    LoopFigures(
      requests: services.requests, inFlight: engine.active, connections: engine.connectionCount,
      database: database.figures, sockets: services.sockets.countByKind, lag: lag.histogram)
  }
}

/// How late a loop comes to what was due, which is how long everything waits there.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class LagGauge: @unchecked Sendable {
  private(set) var histogram = Histogram([
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
  ])
  private let loop: Loop

  private static let interval = Duration.seconds(1)

  init(loop: Loop) { self.loop = loop }

  func start() {
    let due = Loop.monotonicNanoseconds() + Self.interval.nanoseconds
    loop.schedule(after: Self.interval) { [weak self] in
      guard let self else { return }
      let now = Loop.monotonicNanoseconds()
      histogram.add(now > due ? (now - due) / 1_000 : 0)
      start()
    }
  }
}
