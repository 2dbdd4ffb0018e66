import Domain
import EventLoop
import Glibc
import Postgres

/// `havocctl serve`: one worker a core, one acceptor, and the signals that end it.
///
/// `@unchecked Sendable`: touched only on the main loop's thread.
public final class HTTPServer: @unchecked Sendable {
  let settings: ServerSettings
  let loop: Loop
  let log: Log
  let keys: SigningKeys
  let bans = BannedNetworks()
  private(set) var mailer: Mailer?
  private var threads: [LoopThread] = []
  private(set) var workers: [Worker] = []
  private var acceptor: Acceptor
  private(set) var inlet: StreamInlet?
  var listener: Listener?
  /// Notes about conversations that came in this turn.
  var chatNotes: [ChatNote] = []
  var traffic = TrafficReport()
  let server = UUID.random()
  let chat = ChatExchange()
  private var signals: Signals?
  /// When a signal asked for the end.
  private var stoppedAt: UInt64?
  private var finished: UnsafeContinuation<Void, Never>?

  /// A signal that comes this long after the first means it.
  private static let impatience = Duration.seconds(1)

  /// - Parameter loop: the main thread's, which serves too.
  public init(settings: ServerSettings, loop: Loop, log: Log) {
    self.settings = settings
    self.loop = loop
    self.log = log
    keys = SigningKeys(seal: settings.seal)
    acceptor = Acceptor(loop: loop, limits: settings.limits)
  }

  /// Serves until a signal ends it, and what runs then is finished.
  /// - Parameter prepare: brings the database to where it can be served from, while every loop
  ///   connects to it.
  /// - Throws: `ListenFailure`, `SystemError`, or what `prepare` throws, before anything was
  ///   accepted.
  public func run(prepare: (Database) async throws -> Void) async throws {
    let started = Loop.monotonicNanoseconds()
    let cores = settings.threads ?? max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    let sockets = try openSockets()
    let stunSockets = try STUNSockets(settings.stun, loops: cores)
    signals = try Signals([SIGTERM, SIGINT, SIGHUP, SIGQUIT], on: loop) { [weak self] signal in
      self?.received(signal)
    }
    // A client that goes away while it is written to is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    raiseDescriptorLimit()
    try makeWorkers(cores, started, stunSockets)
    for worker in workers { worker.loop.execute { worker.database.warmUp() } }
    try await prepare(workers[0].database)
    for worker in workers { try await start(worker) }
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
    let addresses = settings.listen.map(\.description).joined(separator: ", ")
    let stun = settings.stun.listen.map(\.description).joined(separator: ", ")
    log(
      .info, "serving",
      [
        "address": .text(addresses), "stun": .text(stun.isEmpty ? "off" : stun),
        "loops": .number(Int64(workers.count)),
      ])
    log.flush()
    ServiceManager.ready(status: "Serving on \(addresses)")
    await withUnsafeContinuation { finished = $0 }
    await finish()
  }

  /// A connection is a descriptor, and the usual soft limit is for programs that use select(2).
  private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private func openSockets() throws -> [CInt] {
    var sockets: [CInt] = []
    for address in settings.listen { sockets.append(try ListenSocket.open(address)) }
    return sockets
  }

  private func makeWorkers(
    _ count: Int, _ started: UInt64, _ stunSockets: STUNSockets
  ) throws {
    let hasher = try PasswordHasher(
      parameters: settings.passwords, threads: count, limit: settings.passwordQueue)
    let tools = SignIn.Tools(
      hasher: hasher, keys: keys, lifetimes: settings.lifetimes, limits: settings.attempts)
    let dictionary = PasswordDictionary()
    if dictionary == nil {
      log(
        .warning, "no list of common passwords",
        ["path": .text(PasswordDictionary.defaultPath), "hint": "install cracklib-runtime"])
    }
    for _ in 1..<max(count, 1) { threads.append(try LoopThread(name: "loop")) }
    let loops = [loop] + threads.map(\.loop)
    let seed = UUID.random().low
    let stun = loops.enumerated().map { number, loop in
      STUNService(
        loop: loop, stunSockets, number: number, rate: settings.stun.rate, seed: seed)
    }
    let shared = SharedServices(
      tools: tools, rules: PasswordRules(dictionary: dictionary), origins: settings.origins,
      bans: bans, oauth: settings.oauth, canSendCodes: settings.mail != nil,
      avatarLimit: settings.limits.avatar, server: server,
      pingInterval: settings.pingInterval, chatRate: settings.chatRate,
      chat: chat, streamSettings: settings.streams, stun: stun.map(\.counters))
    let acceptor = self.acceptor
    workers = loops.enumerated().map { index, loop in
      Worker(
        loop: loop, settings: settings, shared: shared, stun: stun[index], started: started,
        log: log,
        idPrefix: Secrets.random(5).hex + String(index, radix: 16) + "-",
        onClosed: { acceptor.noteClosed($0) })
    }
    inlet = StreamInlet(
      loop: loop, database: workers[0].database, server: server, exchange: shared.streams)
  }

  private func start(_ worker: Worker) async throws {
    let log = self.log
    if worker.loop === loop { return try worker.start(log) }
    try await withUnsafeContinuation { continuation in
      worker.loop.execute {
        continuation.resume(returning: Result { () throws(SystemError) in try worker.start(log) })
      }
    }.get()
  }

  private func startMailer() throws {
    // Without libcurl nobody could be asked: that is said now.
    if settings.oauth != nil { _ = try Transfers(loop: loop) }
    guard let mail = settings.mail, let database = workers.first?.database else { return }
    let log = self.log
    mailer = try Mailer(database: database, keys: keys, settings: mail) {
      log(.warning, "mail not sent", ["cause": .text($0)])
    }
    mailer?.start()
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
    if signal == SIGHUP {
      return log(.info, "nothing to reload")
    }
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
      for worker in workers { active += await onLoop(of: worker) { worker.active } }
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
    for case .unix(let path) in settings.listen { unlink(path) }
    log(.info, "stopped")
    log.flush()
  }

  private func onLoop(of worker: Worker, _ body: @escaping @Sendable () -> Int) async -> Int {
    await withUnsafeContinuation { continuation in
      worker.loop.execute { continuation.resume(returning: body()) }
    }
  }
}
