import CPQ
import EventLoop

/// One libpq connection in pipeline mode on one loop.
///
/// It does the I/O; `PipelineState` decides what arrives. A Sync goes out behind each unit that
/// writes, and behind all that only read of one turn of the loop: libpq writes to the socket at
/// every Sync, and each such write wakes the server.
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
  var mode = Mode.connecting
  var watch: Watch?
  private var state: PipelineState
  private var units = RingQueue<Unit>()
  /// Generation under which each statement is prepared here, by the statement's number.
  private var prepared: [Int: Int] = [:]
  /// How often a statement's name was given up, so that a new one never meets an old plan.
  private var generations: [Int: Int] = [:]
  /// Whether units that only read share a Sync. Not inside a transaction, where each is waited for.
  var groupsReads = false
  /// Units that were sent without a Sync behind them yet.
  private var unsealed = 0
  /// The most units before one Sync: the answer of the first waits for the work of the last.
  private static let largestGroup = 16
  /// Whether a unit that met a plan which isn't there is sent once more. Not inside a transaction,
  /// which has failed as a whole then.
  var repeatsStaleUnits = false
  var readyWaiter: UnsafeContinuation<Void, Never>?
  var connectWaiter: UnsafeContinuation<PostgresError?, Never>?
  var connectTimer: Timer?

  /// Called once when the connection is lost, with the units that were in flight; without it they
  /// fail.
  var onLoss: ((PostgresError, [Unit]) -> Void)?

  /// Starts connecting without waiting.
  /// - Parameter conninfo: a URL or `key=value` words; empty for libpq's own environment.
  init(loop: Loop, conninfo: String, limit: Int) throws(PostgresError) {
    loop.preconditionOnLoop()
    let settings = [
      ("dbname", conninfo), ("fallback_application_name", "havocctl"), ("client_encoding", "UTF8"),
    ].filter { !$0.1.isEmpty }
    let pointer = withCStrings(settings.map(\.0)) { keywords in
      withCStrings(settings.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
    }
    guard let pointer else { throw PostgresError(.unavailable, "out of memory", retry: .safe) }
    self.loop = loop
    self.pointer = pointer
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
      guard send(bound, into: &steps) else {
        unit.fail(PostgresError(.connectionLost, lastError, retry: .safe))
        return lose(PostgresError(.connectionLost, lastError, retry: .unknown))
      }
    }
    units.append(unit)
    state.sent(steps)
    unsealed += 1
    if !groupsReads || unsealed == Self.largestGroup { return seal() }
    if unsealed == 1 { loop.beforeWait { [self] in seal() } }
  }

  /// Sends a Sync, and so everything before it.
  private func seal() {
    guard unsealed > 0, mode == .pipeline else { return }
    unsealed = 0
    state.sealed()
    guard PQpipelineSync(pointer) == 1 else {
      return lose(PostgresError(.connectionLost, lastError, retry: .unknown))
    }
    flush()
  }

  private func send(_ bound: BoundStatement, into steps: inout [PipelineState.Step]) -> Bool {
    let parameters = EncodedParameters(bound.parameters)
    guard let number = bound.statement.number else {
      steps.append(.execute)
      return parameters.withPointers { count, values, lengths, formats in
        PQsendQueryParams(
          pointer, bound.statement.sql, count, nil, values, lengths, formats, 1) == 1
      }
    }
    let generation = prepared[number] ?? generations[number] ?? 0
    let name = generation == 0 ? "s\(number)" : "s\(number)_\(generation)"
    if prepared[number] == nil {
      guard PQsendPrepare(pointer, name, bound.statement.sql, 0, nil) == 1 else { return false }
      prepared[number] = generation
      steps.append(.prepare(number))
    }
    steps.append(.execute)
    return parameters.withPointers { count, values, lengths, formats in
      PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1) == 1
    }
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
    case PGRES_PIPELINE_SYNC: act(on: .sync, handle)
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
    stopWatching()
    var orphans: [Unit] = []
    for _ in 0..<state.disconnect() {
      if let unit = units.removeFirst() { orphans.append(unit) }
    }
    resumeReadyWaiter()
    guard let onLoss else {
      // Nobody takes them on: their callers must hear of it.
      for unit in orphans { unit.fail(error) }
      return
    }
    self.onLoss = nil
    onLoss(error, orphans)
  }

  /// Gives up what is under way, on its caller's word.
  func abandon() {
    onLoss = nil
    lose(PostgresError(.cancelled, "given up", retry: .unknown))
  }

  func close() {
    onLoss = nil
    lose(PostgresError(.connectionLost, "closed", retry: .safe))
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
