import CLinux
import Glibc
import Synchronization

/// One thread that waits on one epoll descriptor, fires timers, and runs the jobs of the Swift
/// tasks that prefer it, so that a request's async functions run where its socket and its database
/// connection are.
///
/// It is a `TaskExecutor` only: as a `SerialExecutor` too, every `nonisolated async` call would
/// cost further enqueues.
///
/// `@unchecked Sendable`: all state outside `inbox` is touched only on the loop's own thread, which
/// every method that touches it checks (`preconditionOnLoop`); `inbox` is a `Mutex`.
public final class Loop: TaskExecutor, @unchecked Sendable {
  /// What other threads hand over, taken in one piece at the start of a turn.
  private struct Inbox {
    var jobs: [UnownedJob] = []
    var closures: [@Sendable () -> Void] = []
    /// Whether the wake-up descriptor has been written since the inbox was last taken.
    var isWoken = false
    var isStopping = false
  }

  private let inbox = Mutex(Inbox())
  private let epoll: CInt
  private let wakeup: CInt
  private let thread = Atomic<UInt>(0)

  private var jobs: [UnownedJob] = []
  private var runningJobs: [UnownedJob] = []
  private var watches: [CInt: Watch] = [:]
  /// Watches made so far.
  private var generation: UInt32 = 0
  private var timers = TimerHeap()
  private var turnHooks: [TurnHook] = []
  private var lastWords: [() -> Void] = []
  private var isRunning = true

  /// Monotonic time at the start of this turn, in nanoseconds; cheap and good enough for deadlines.
  public private(set) var now: UInt64
  /// Jobs of tasks that have run, by which somebody else on the loop can tell whether it is used.
  public private(set) var jobsRun: UInt64 = 0
  /// Turns finished since the loop began, for a watchdog that asks whether it still turns.
  public let turns = Atomic<UInt64>(0)

  /// - Throws: `SystemError` where the kernel refuses a descriptor.
  public init() throws(SystemError) {
    epoll = epoll_create1(HAVOC_EPOLL_CLOEXEC)
    guard epoll >= 0 else { throw SystemError("epoll_create1") }
    wakeup = eventfd(0, HAVOC_EVENTFD_FLAGS)
    guard wakeup >= 0 else {
      let error = SystemError("eventfd")
      close(epoll)
      throw error
    }
    now = Loop.monotonicNanoseconds()
    var event = epoll_event(events: HAVOC_EPOLLIN, data: epoll_data_t(fd: wakeup))
    epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event)
  }

  deinit {
    close(epoll)
    close(wakeup)
  }

  /// Nanoseconds of the monotonic clock.
  public static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  // MARK: Running

  /// Turns until `stop()`; the calling thread is the loop's from then on.
  public func run() {
    thread.store(UInt(pthread_self()), ordering: .releasing)
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    while isRunning {
      takeInbox()
      runJobs()
      runTurnHooks()
      guard isRunning else { break }
      let timeout = waitTimeout()
      let count = epoll_wait(epoll, &events, CInt(events.count), timeout)
      now = Loop.monotonicNanoseconds()
      for index in 0..<max(0, Int(count)) {
        deliver(events[index])
      }
      for timer in timers.takeDue(at: now) { timer.fire() }
      turns.wrappingAdd(1, ordering: .relaxed)
    }
  }

  /// Ends `run()` after the turn under way. From any thread.
  public func stop() {
    inbox.withLock { $0.isStopping = true }
    wake()
  }

  private func waitTimeout() -> CInt {
    if !jobs.isEmpty { return 0 }
    var timeout: Int64 = -1
    for hook in turnHooks {
      let wanted = hook.longestWait()
      if wanted >= 0 { timeout = timeout < 0 ? wanted : min(timeout, wanted) }
    }
    if let next = timers.nextDeadline {
      // The turn's own work has taken time.
      let now = Loop.monotonicNanoseconds()
      let wait = next > now ? Int64((next - now + 999_999) / 1_000_000) : 0
      timeout = timeout < 0 ? wait : min(timeout, wait)
    }
    return CInt(clamping: timeout)
  }

  private func deliver(_ event: epoll_event) {
    if event.data.fd == wakeup {
      var value: UInt64 = 0
      read(wakeup, &value, 8)
      return
    }
    // A descriptor that was closed in this turn may be another's already, who has nothing to do with
    // what is told of the old one.
    guard let watch = watches[event.data.fd], watch.generation == event.data.u64 >> 32 else {
      return
    }
    watch.handler(Readiness(rawValue: event.events))
  }

  // MARK: Jobs

  public func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    if isOnLoop {
      jobs.append(unowned)
      return
    }
    let needsWake = inbox.withLock { inbox in
      inbox.jobs.append(unowned)
      defer { inbox.isWoken = true }
      return !inbox.isWoken
    }
    if needsWake { wake() }
  }

  /// Runs `body` on the loop's thread in a coming turn. From any thread.
  public func execute(_ body: @escaping @Sendable () -> Void) {
    let needsWake = inbox.withLock { inbox in
      inbox.closures.append(body)
      defer { inbox.isWoken = true }
      return !inbox.isWoken
    }
    if needsWake { wake() }
  }

  /// Suspends the calling task until sockets and timers had their turn.
  public func nextTurn() async {
    await withUnsafeContinuation { continuation in execute { continuation.resume() } }
  }

  private func wake() {
    var one: UInt64 = 1
    write(wakeup, &one, 8)
  }

  private func takeInbox() {
    let closures = inbox.withLock { inbox -> [@Sendable () -> Void] in
      if !inbox.jobs.isEmpty {
        jobs.append(contentsOf: inbox.jobs)
        inbox.jobs.removeAll(keepingCapacity: true)
      }
      let closures = inbox.closures
      if !closures.isEmpty { inbox.closures = [] }
      inbox.isWoken = false
      if inbox.isStopping { isRunning = false }
      return closures
    }
    for closure in closures { closure() }
  }

  /// Runs what is ready, and what that makes ready in turn, until nothing is; a bound keeps tasks
  /// that feed each other from starving the sockets.
  private func runJobs() {
    var rounds = 0
    while !jobs.isEmpty, rounds < 64 {
      swap(&jobs, &runningJobs)
      for job in runningJobs {
        job.runSynchronously(on: asUnownedTaskExecutor())
      }
      jobsRun &+= UInt64(runningJobs.count)
      runningJobs.removeAll(keepingCapacity: true)
      rounds += 1
    }
  }

  // MARK: The loop's thread

  /// Whether the caller is on the loop's thread.
  public var isOnLoop: Bool {
    thread.load(ordering: .acquiring) == UInt(pthread_self())
  }

  /// Stops the program when the caller isn't on the loop's thread: what is bound to the loop would
  /// otherwise be touched from two threads at once.
  public func preconditionOnLoop() {
    guard isOnLoop else { preconditionFailure("called outside the loop's thread") }
  }

  // MARK: Turn hooks

  /// Something that has work at the end of each turn, such as a library with a loop of its own.
  public struct TurnHook {
    /// Does the work; called once before each wait.
    public var work: () -> Void
    /// How long the loop may wait at the most, in milliseconds; -1 for as long as it likes.
    public var longestWait: () -> Int64

    public init(work: @escaping () -> Void, longestWait: @escaping () -> Int64 = { -1 }) {
      self.work = work
      self.longestWait = longestWait
    }
  }

  /// Adds a hook for the loop's whole life.
  public func addTurnHook(_ hook: TurnHook) {
    turnHooks.append(hook)
  }

  /// Calls `body` once, before the loop waits next, when everything else of this turn is done.
  public func beforeWait(_ body: @escaping () -> Void) {
    lastWords.append(body)
  }

  /// Whether a turn has taken so little that more may belong to it, and nobody else waits for long.
  private var isTurnShort: Bool { Loop.monotonicNanoseconds() &- now < 5_000_000 }

  private func runTurnHooks() {
    for hook in turnHooks { hook.work() }
    // A hook may have resumed tasks; what they do belongs to this turn, before the wait.
    var rounds = 0
    while !jobs.isEmpty, rounds < 8, isTurnShort {
      runJobs()
      for hook in turnHooks { hook.work() }
      rounds += 1
    }
    while !lastWords.isEmpty {
      let bodies = lastWords
      lastWords = []
      for body in bodies { body() }
    }
  }

  // MARK: Descriptors

  /// Calls `handler` on the loop whenever `descriptor` is ready for `interest`, until the watch is
  /// cancelled. The descriptor stays its owner's.
  public func watch(
    _ descriptor: CInt, for interest: Readiness, handler: @escaping (Readiness) -> Void
  ) -> Watch {
    generation &+= 1
    let watch = Watch(
      descriptor: descriptor, generation: generation, interest: interest, handler: handler)
    watches[descriptor] = watch
    var event = watch.event
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    return watch
  }

  /// Changes what a watch waits for.
  public func update(_ watch: Watch, for interest: Readiness) {
    guard watch.interest != interest, watches[watch.descriptor] === watch else { return }
    watch.interest = interest
    var event = watch.event
    epoll_ctl(epoll, EPOLL_CTL_MOD, watch.descriptor, &event)
  }

  /// Ends a watch; call it before the descriptor is closed.
  public func cancel(_ watch: Watch) {
    guard watches[watch.descriptor] === watch else { return }
    watches[watch.descriptor] = nil
    epoll_ctl(epoll, EPOLL_CTL_DEL, watch.descriptor, nil)
  }

  // MARK: Timers

  /// Calls `body` on the loop after `delay`, once.
  @discardableResult
  public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> Timer {
    let timer = Timer(deadline: Loop.monotonicNanoseconds() &+ delay.nanoseconds, body: body)
    timers.insert(timer)
    return timer
  }

  /// Suspends the calling task, which must run on this loop, for `delay`.
  public func sleep(for delay: Duration) async {
    await withUnsafeContinuation { continuation in
      schedule(after: delay) { continuation.resume() }
    }
  }
}
