import Domain
import EventLoop
import Postgres

/// One loop's share of the server: its engine, its way to the database, its services.
///
/// `@unchecked Sendable`: made once and then only read; what it refers to is bound to its loop and
/// checks that itself.
final class Worker: @unchecked Sendable {
  let loop: Loop
  let database: Database
  private let standby: Database?
  let services: Services
  private(set) var engine: Engine
  private let stun: STUNService
  let lag: LagGauge
  private let log: Log

  /// Every endpoint of every dialect: each is described in `/openapi.json`.
  static let api =
    IntegersDialect.routes + CommunityDialect.routes + HavocDialect.routes
    + MicroblogDialect.routes + TrainerDialect.routes + Utilities.routes + Media.routes
    + OpenAPIEndpoints.routes

  /// The API, and what is made for browsers.
  static let routes = api + Assets.routes + Dashboard.routes

  /// How often it is written when sessions were last seen.
  private static let seenInterval = Duration.seconds(30)
  /// Under way on one loop.
  private static let manyRequests = 16

  init(
    loop: Loop, settings: ServerSettings, shared: SharedServices, stun: STUNService,
    started: UInt64, log: Log, idPrefix: String,
    onConnectionChange: @escaping @Sendable (PostgresError?) -> Void,
    onClosed: @escaping @Sendable (String?) -> Void
  ) {
    self.loop = loop
    self.stun = stun
    lag = LagGauge(loop: loop)
    self.log = log
    var options = Database.Options(conninfo: settings.database)
    options.statementTimeout = settings.statementTimeout
    options.plansOnce = true
    database = Database(loop: loop, options: options)
    database.tracing = settings.tracing(log)
    standby = settings.replica.map { conninfo in
      options.conninfo = conninfo
      options.onlyReads = true
      return Database(loop: loop, options: options)
    }
    standby?.onConnectionChange = { error in
      if let error {
        log(.warning, "standby lost", ["cause": .text(error.description)])
      } else {
        log(.info, "standby restored")
      }
    }
    let longReads = LongReads(database)
    services = Services(
      database: database,
      standby: standby.map {
        let lag = StandbyReads.Lag(Presence.lag, limit: settings.replicaLag)
        return StandbyReads($0, lag: lag, or: longReads) { error in
          log(.warning, "standby left alone", ["cause": .text(error.description)])
        }
      }, shared: shared, settings: settings, started: started)
    let responder = Responder(
      router: Router(Self.routes),
      services: services, log: log)
    engine = Engine(
      loop: loop, limits: settings.limits, proxies: settings.proxies, idPrefix: idPrefix,
      respond: { await responder.respond(to: $0) }, refuse: { responder.refuse($0) },
      bodySize: { responder.router.bodySize($0, $1) },
      onClosed: onClosed)
    database.onConnectionChange = { error in
      if let error {
        log(.error, "database connection lost", ["cause": .text(error.description)])
      } else {
        log(.info, "database connection restored")
      }
      onConnectionChange(error)
    }
  }

  /// Does something on the loop's thread, from any other or there.
  func onLoop<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (Worker) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    if loop.isOnLoop { return try body(self) }
    return try await withUnsafeContinuation { continuation in
      loop.execute {
        continuation.resume(
          returning: Result { () throws(Failure) in try body(self) })
      }
    }.get()
  }

  /// Begins to serve. On the loop's thread.
  func start() throws(SystemError) {
    try engine.start()
    services.sockets.start()
    stun.start()
    lag.start()
    loop.addTurnHook(
      LogFlush(log, on: loop) { [engine] in engine.active >= Self.manyRequests }.hook)
    writeSeenLater()
  }

  /// Goes on with other settings. On the loop's thread.
  func adopt(_ settings: ServerSettings) {
    services.adopt(settings)
    engine.adopt(settings.limits, settings.proxies)
    stun.rate = settings.stun.rate
    database.tracing = settings.tracing(log)
  }

  private func writeSeenLater() {
    loop.schedule(after: Self.seenInterval) { [weak self] in
      guard let self else { return }
      Task(executorPreference: loop) {
        do {
          try await self.services.writeSeen()
        } catch {
          self.log(.warning, "last-seen times not written", ["cause": .text("\(error)")])
        }
        self.writeSeenLater()
      }
    }
  }

  /// Answers what runs, and says goodbye to the sockets. On the loop's thread.
  func drain() {
    stun.stop()
    engine.drain()
    services.sockets.closeAll(1001, "The server is going away.")
  }

  /// What still runs. On the loop's thread.
  var active: Int {
    engine.unfinished + engine.tls.count + services.sockets.count
      + (services.messages.isIdle ? 0 : 1)
  }

  /// Writes what is still to be written, and closes the connections. On the loop's thread.
  func finish() async {
    try? await services.writeSeen()
    services.sockets.stop()
    engine.stop()
    standby?.close()
    database.close()
  }
}
