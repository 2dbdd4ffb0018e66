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
  let services: Services
  private(set) var engine: Engine
  private let stun: STUNService

  /// Every endpoint of every dialect.
  static let routes =
    Utilities.routes + HavocDialect.routes + TrainerDialect.routes + IntegersDialect.routes
    + CommunityDialect.routes + MicroblogDialect.routes + Media.routes

  /// How often it is written when sessions were last seen.
  private static let seenInterval = Duration.seconds(30)

  init(
    loop: Loop, settings: ServerSettings, shared: SharedServices, stun: STUNService,
    started: UInt64, log: Log, idPrefix: String,
    onClosed: @escaping @Sendable (String?) -> Void
  ) {
    self.loop = loop
    self.stun = stun
    var options = Database.Options(conninfo: settings.database)
    options.statementTimeout = settings.statementTimeout
    options.plansOnce = true
    database = Database(loop: loop, options: options)
    services = Services(database: database, shared: shared, started: started)
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
    }
  }

  /// Begins to serve. On the loop's thread.
  func start(_ log: Log) throws(SystemError) {
    try engine.start()
    services.sockets.start()
    stun.start()
    loop.addTurnHook(.init(work: { log.flush() }))
    writeSeenLater(log)
  }

  private func writeSeenLater(_ log: Log) {
    loop.schedule(after: Self.seenInterval) { [weak self] in
      guard let self else { return }
      Task(executorPreference: loop) {
        do {
          try await self.services.writeSeen()
        } catch {
          log(.warning, "last-seen times not written", ["cause": .text("\(error)")])
        }
        self.writeSeenLater(log)
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
    engine.active + services.sockets.count + (services.messages.isIdle ? 0 : 1)
  }

  /// Writes what is still to be written, and closes the connections. On the loop's thread.
  func finish() async {
    try? await services.writeSeen()
    services.sockets.stop()
    engine.stop()
    database.close()
  }
}
