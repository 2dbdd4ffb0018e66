import CPQ
import EventLoop

/// One libpq connection in pipeline mode on one loop.
///
/// It does the I/O; `PipelineState` decides what arrives. A Sync goes out behind each unit that
/// writes. Units that only read share one: libpq writes to the socket at every Sync, and each such
/// write wakes the server, so what comes while a group is answered waits for the end of it.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread. It is made there,
/// its socket's events come there, and only `Database`, `Transaction` and `Listener`, which check
/// the thread, hold one.
final class Connection: @unchecked Sendable {
  /// What the connection is doing.
  enum Mode {
    case connecting
    case pipeline
    /// A COPY or a LISTEN has the connection for itself and drives it through `ready(for:)`.
    case exclusive
    case closed
  }

  let loop: Loop
  let pointer: OpaquePointer
  /// What it was made with, to reach the same server again.
  let settings: ConnectionTargets.Settings
  var mode = Mode.connecting
  var watch: Watch?
  private var state: PipelineState
  /// Of the statement that is sent.
  private var parameters = EncodedParameters()
  private var units = RingQueue<Unit>()
  /// Name under which each statement is prepared here, by the statement's number.
  private var prepared: [Int: String] = [:]
  /// How often a statement's name was given up, so that a new one never meets an old plan.
  private var generations: [Int: Int] = [:]
  /// Whether units that only read share a Sync. Not inside a transaction, where each is waited for.
  var groupsReads = false
  /// Units that were sent without a Sync behind them yet.
  private var unsealed = 0
  /// Syncs that weren't answered yet.
  private var groups = 0
  private var isSealDue = false
  /// The most units before one Sync: the answer of the first waits for the work of the last.
  private static let largestGroup = 16
  /// Whether a unit that met a plan which isn't there is sent once more. Not inside a transaction,
  /// which has failed as a whole then.
  var repeatsStaleUnits = false
  /// Whether it is of no use on a server that takes no writes.
  var leavesStandby = true
  /// What the server cancels a statement after; zero for no limit.
  var statementTimeout = Duration.zero
  var readyWaiter: UnsafeContinuation<Void, Never>?
  /// Whether what is waited for in exclusive mode may never come, as a notification.
  var maySayNothing = false
  /// When bytes went either way, or something began to be awaited.
  var lastMoved: UInt64
  var isWatchingSilence = false
  private(set) var reasonOfLoss: PostgresError?
  var connectWaiter: UnsafeContinuation<PostgresError?, Never>?
  var connectTimer: Timer?

  /// Called once when the connection is lost, with the units that were in flight; without it they
  /// fail.
  var onLoss: ((PostgresError, [Unit]) -> Void)?

  /// Starts connecting without waiting.
  init(
    loop: Loop, _ settings: ConnectionTargets.Settings, limit: Int
  ) throws(PostgresError) {
    loop.preconditionOnLoop()
    let pointer = withCStrings(settings.map(\.keyword)) { keywords in
      withCStrings(settings.map(\.value)) { values in PQconnectStartParams(keywords, values, 1) }
    }
    guard let pointer else { throw PostgresError(.unavailable, "out of memory", retry: .safe) }
    self.loop = loop
    self.pointer = pointer
    self.settings = settings
    lastMoved = loop.now
    state = PipelineState(limit: limit)
  }

  deinit { PQfinish(pointer) }

  var lastError: String {
    let text = String(cString: PQerrorMessage(pointer))
    return text.split(separator: "\n").map { $0.drop { $0 == "\t" } }.joined(separator: "; ")
  }

  var isIdle: Bool { mode == .pipeline && state.inFlight == 0 }
  var isFull: Bool { state.isFull }
  var inFlight: Int { state.inFlight }

  // MARK: Sending

  /// Sends a unit; the caller has checked `isFull` and that the mode is `.pipeline`.
  func send(_ unit: Unit) {
    var steps: [PipelineState.Step] = []
    for bound in unit.statements {
      guard let sent = send(bound, unit.mark) else {
        unit.fail(PostgresError(.connectionLost, lastError, retry: .safe))
        return lose(PostgresError(.connectionLost, lastError, retry: .unknown))
      }
      if steps.isEmpty { steps = sent } else { steps += sent }
    }
    if state.inFlight == 0 { awaitAnswer() }
    units.append(unit)
    state.sent(steps)
    unsealed += 1
    if !groupsReads || unsealed == Self.largestGroup { seal() } else { sealLater() }
  }

  /// Waits for what else comes in this turn, and for the group before.
  private func sealLater() {
    guard groups == 0, !isSealDue else { return }
    isSealDue = true
    loop.beforeWait { [self] in
      isSealDue = false
      seal()
    }
  }

  /// Sends a Sync, and so everything before it.
  private func seal() {
    guard unsealed > 0, mode == .pipeline else { return }
    unsealed = 0
    groups += 1
    state.sealed()
    guard PQpipelineSync(pointer) == 1 else {
      return lose(PostgresError(.connectionLost, lastError, retry: .unknown))
    }
    flush()
  }

  /// What nearly every statement is: prepared already.
  private static let execution: [PipelineState.Step] = [.execute]

  /// - Returns: what was sent; nil where the connection is lost.
  private func send(_ bound: BoundStatement, _ mark: String?) -> [PipelineState.Step]? {
    parameters.encode(bound.parameters)
    guard mark == nil, let number = bound.statement.number else {
      let sql = mark.map { "/* request=\($0) */ \(bound.statement.sql)" } ?? bound.statement.sql
      let isSent = parameters.withPointers { count, values, lengths, formats in
        PQsendQueryParams(pointer, sql, count, nil, values, lengths, formats, 1) == 1
      }
      return isSent ? Self.execution : nil
    }
    let name: String
    var steps = Self.execution
    if let known = prepared[number] {
      name = known
    } else {
      name = "s\(number)_\(generations[number, default: 0])"
      guard PQsendPrepare(pointer, name, bound.statement.sql, 0, nil) == 1 else { return nil }
      prepared[number] = name
      steps = [.prepare(number), .execute]
    }
    // A String that is passed to C as it is would be copied to the heap first.
    let isSent = name.withCString { name in
      parameters.withPointers { count, values, lengths, formats in
        PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1) == 1
      }
    }
    return isSent ? steps : nil
  }

  func flush() {
    switch PQflush(pointer) {
    case 0: wait(for: .read)
    case 1: wait(for: [.read, .write])
    default: lose(PostgresError(.connectionLost, lastError, retry: .unknown))
    }
  }

  // MARK: Receiving

  func pump(_ ready: Readiness) {
    guard PQconsumeInput(pointer) == 1 else {
      return lose(PostgresError(.connectionLost, lastError, retry: .unknown))
    }
    // The server may refuse to read more until its answers are taken, so input comes first.
    if ready.contains(.write) { flush() }
    while mode == .pipeline, state.inFlight > 0, PQisBusy(pointer) == 0 {
      receive(PQgetResult(pointer))
    }
    if mode == .pipeline, PQstatus(pointer) == CONNECTION_BAD {
      lose(PostgresError(.connectionLost, lastError, retry: .unknown))
    }
  }

  private func receive(_ result: OpaquePointer?) {
    guard let result else { return act(on: .end, nil) }
    let handle = ResultHandle(result)
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      groups -= 1
      act(on: .sync, handle)
      if unsealed > 0 { sealLater() }
    case PGRES_PIPELINE_ABORTED: act(on: .skipped, handle)
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: act(on: .result, handle)
    default: act(on: .failure, handle)
    }
  }

  private func act(on event: PipelineState.Event, _ handle: ResultHandle?) {
    let preparing = event == .failure ? state.statementBeingPrepared : nil
    switch state.receive(event) {
    case .nothing: break
    case .keepResult: if let handle { units.first?.keep(Rows(handle)) }
    case .keepFailure: if let handle { keepFailure(handle, preparing: preparing) }
    case .forget(let number): prepared[number] = nil
    case .finish:
      guard let unit = units.removeFirst() else { break }
      if repeatsStaleUnits, unit.isStale, unit.beginAgain() { send(unit) } else { unit.finish() }
    case .repeatUnit:
      if let unit = units.removeFirst() { send(unit) }
    case .violation:
      lose(PostgresError(.connectionLost, "the server answered out of turn", retry: .unknown))
    }
  }

  private func keepFailure(_ handle: ResultHandle, preparing: Int?) {
    guard let unit = units.first else { return }
    let error = PostgresError(result: handle.pointer)
    // The server's last words before it closes: what was under way wasn't answered by them.
    if error.sqlState?.endsConnection == true {
      return lose(PostgresError(.connectionLost, error.message, retry: .unknown))
    }
    // Another server is the primary by now: whoever connects again finds it.
    if error.sqlState == .readOnlyTransaction, leavesStandby {
      return lose(PostgresError(.connectionLost, error.message, retry: .safe))
    }
    unit.keep(error)
    if let preparing { prepared[preparing] = nil }
    // A plan that a migration made stale, or a name that a pooler's other server doesn't know:
    // the next use prepares the text again under another name.
    if unit.isStale {
      for number in unit.statements.compactMap(\.statement.number) {
        prepared[number] = nil
        generations[number, default: 0] += 1
      }
    }
  }

  // MARK: Losing and closing

  /// Gives the connection up and hands its units to `onLoss`.
  func lose(_ error: PostgresError) {
    guard mode != .closed else { return }
    mode = .closed
    reasonOfLoss = error
    stopWatching()
    state.disconnect()
    var orphans: [Unit] = []
    while let unit = units.removeFirst() { orphans.append(unit) }
    resumeReadyWaiter()
    guard let onLoss else {
      // Nobody takes them on: their callers must hear of it.
      for unit in orphans { unit.fail(error) }
      return
    }
    self.onLoss = nil
    onLoss(error, orphans)
  }

  /// - Parameter reason: what those hear of it who wait for an answer.
  func close(_ reason: PostgresError = PostgresError(.connectionLost, "closed", retry: .safe)) {
    onLoss = nil
    lose(reason)
  }
}

/// Calls `body` with a NULL-terminated array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  var bytes: [CChar] = []
  var offsets: [Int] = []
  for string in strings {
    offsets.append(bytes.count)
    bytes.append(contentsOf: string.utf8CString)
  }
  return bytes.withUnsafeBufferPointer { buffer in
    var pointers: [UnsafePointer<CChar>?] = offsets.map { offset in
      buffer.baseAddress.map { $0 + offset }
    }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { pointers in
      guard let base = pointers.baseAddress else { preconditionFailure("an array of at least one") }
      return body(base)
    }
  }
}
