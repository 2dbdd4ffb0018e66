import AdminKit
import Domain
import EventLoop
import Glibc
import Postgres

/// `havocctl serve`: one worker a core, one acceptor, and the signals that end it or have it read its configuration
/// again.
///
/// `@unchecked Sendable`: touched only on the main loop's thread.
public final class HTTPServer: @unchecked Sendable {
  var settings: ServerSettings
  let loop: Loop
  let log: Log
  /// Reads the configuration again.
  let reread: @Sendable (_ old: Configuration) throws -> ReadAgain
  let keys: SigningKeys
  let bans = BannedNetworks()
  var mailer: Mailer?
  var threads: [LoopThread] = []
  var workers: [Worker] = []
  let acceptor: Acceptor
  var inlet: StreamInlet?
  var listener: Listener?
  /// Notes about conversations that came in this turn.
  var chatNotes: [ChatNote] = []
  var traffic = TrafficReport()
  var samples = TrafficSamples()
  let server = UUID.random()
  let chat = ChatExchange()
  var condition = ServerCondition()
  var reloads = Reloads()
  var isReloading = false
  var isReviving = false
  private var watchdog: Watchdog?
  private var signals: Signals?
  /// When a signal asked for the end.
  private var stoppedAt: UInt64?
  private var finished: UnsafeContinuation<Void, Never>?

  /// A signal that comes this long after the first means it.
  private static let impatience = Duration.seconds(1)

  /// - Parameters:
  ///   - loop: the main thread's, which serves too.
  ///   - reread: as `ReadAgain` says.
  public init(
    settings: ServerSettings, loop: Loop, log: Log,
    reread: @escaping @Sendable (_ old: Configuration) throws -> ReadAgain
  ) {
    self.settings = settings
    self.loop = loop
    self.log = log
    self.reread = reread
    keys = SigningKeys(seal: settings.seal)
    acceptor = Acceptor(loop: loop, settings)
  }

  /// Serves until a signal ends it, and what runs then is finished.
  /// - Parameter prepare: brings the database to where it can be served from, while every loop
  ///   connects to it.
  /// - Throws: `ListenFailure`, `Failure`, `SystemError`, or what `prepare` throws, before anything
  ///   was accepted.
  public func run(prepare: (Database) async throws -> Void) async throws {
    ProcessFigures.begin()
    // Before anything that could be told to end: a signal that comes now is answered later.
    signals = try Signals([SIGTERM, SIGINT, SIGHUP, SIGQUIT], on: loop) { [weak self] signal in
      self?.received(signal)
    }
    // A client that goes away while it is written to is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    raiseDescriptorLimit()
    do {
      try await start(prepare)
    } catch {
      guard isStopping else { throw error }
      return log.flush()
    }
    if isReloading { reloadNow() }
    watchdog = Watchdog(workers.map(\.loop))
    watchdog?.start()
    // One that came before there was anybody to obey it.
    if stoppedAt == nil { await withUnsafeContinuation { finished = $0 } }
    await finish()
  }

  private func start(_ prepare: (Database) async throws -> Void) async throws {
    let started = Loop.monotonicNanoseconds()
    let cores = settings.threads ?? max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    let passed = try PassedSockets()
    let sockets = try openSockets(passed)
    let stunSockets =
      passed.hasSTUN
      ? STUNSockets(passed, loops: cores) : try STUNSockets(settings.stun, loops: cores)
    try makeWorkers(cores, started, stunSockets)
    for worker in workers { worker.loop.execute { worker.database.warmUp() } }
    try await prepare(workers[0].database)
    let census = makeCensus()
    for worker in workers {
      try await worker.onLoop { (worker) throws(SystemError) in
        worker.services.census = census
        try worker.start()
      }
    }
    if let certificate = settings.certificate { show(try Self.context(certificate)) }
    // Keys that can't be opened are said now and not to the first who signs in.
    async let loadedKeys = keys.load(workers[0].database)
    async let appearance: Void = appear()
    try await bans.load(workers[0].database)
    _ = try await loadedKeys
    try await appearance
    startListening()
    try startMailer()
    keepHouse()
    acceptor.start(sockets, engines: workers.map(\.engine))
    tellReady(sockets, stunSockets)
  }

  private func tellReady(_ sockets: [ListenSocket], _ stunSockets: STUNSockets) {
    condition.addresses = sockets.map(\.address.description).joined(separator: ", ")
    let stun = stunSockets.names.joined(separator: ", ")
    log(
      .info, "serving",
      [
        "address": .text(condition.addresses), "stun": .text(stun.isEmpty ? "off" : stun),
        "tls": settings.certificate == nil ? "off" : "on",
        "loops": .number(Int64(workers.count)),
      ])
    log.flush()
    ServiceManager.ready(status: condition.words)
    condition.isReady = true
  }

  /// A connection is a descriptor, and the usual soft limit is for programs that use select(2).
  private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How often what serves nobody any more is removed.
  private static let housekeepingInterval = Duration.seconds(60)

  var isStopping: Bool { stoppedAt != nil }

  private func keepHouse() {
    loop.schedule(after: Self.housekeepingInterval) { [weak self] in
      guard let self, stoppedAt == nil, let database = workers.first?.database else { return }
      Task(executorPreference: loop) {
        do {
          try await Housekeeping(
            database, limits: self.settings.attempts, retention: self.settings.retention
          ).run()
        } catch {
          self.log(.warning, "housekeeping failed", ["cause": .text("\(error)")])
        }
        self.keepHouse()
      }
    }
  }

  // MARK: Ending

  private func received(_ signal: CInt) {
    if signal == SIGHUP { return reloadLater() }
    let now = Loop.monotonicNanoseconds()
    guard stoppedAt == nil else {
      // One keystroke may reach a process twice, by the terminal and by what started it.
      guard now > (stoppedAt ?? 0) + Self.impatience.nanoseconds else { return }
      log(.warning, "ended at once by a second signal")
      log.flush()
      exit(1)
    }
    stoppedAt = now
    finished?.resume()
    finished = nil
    // Nobody is served yet: what the start waits for has to end.
    if !condition.isReady { workers.first?.database.giveUp() }
  }

  private func finish() async {
    log(.info, "stopping")
    log.flush()
    ServiceManager.stopping()
    acceptor.stop()
    let deadline = Loop.monotonicNanoseconds() + settings.shutdownTimeout.nanoseconds
    for worker in workers { worker.loop.execute { worker.drain() } }
    while Loop.monotonicNanoseconds() < deadline {
      var active = 0
      for worker in workers { active += await worker.onLoop { $0.active } }
      if active == 0 { break }
      await loop.sleep(for: .milliseconds(20))
    }
    listener?.stop()
    mailer?.stop()
    await disappear()
    for worker in workers.reversed() {
      await withUnsafeContinuation { continuation in
        worker.loop.execute {
          Task(executorPreference: worker.loop) {
            await worker.finish()
            continuation.resume()
          }
        }
      }
    }
    for thread in threads { thread.join() }
    log(.info, "stopped")
    log.flush()
  }
}
