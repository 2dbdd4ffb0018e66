import CPQ
import EventLoop

/// A line can fall silent without being closed: a proxy that forwards nothing any more, a firewall that
/// has forgotten it. TCP's own probes are answered by whoever stands between. So where an answer is
/// due and nothing has come for a while, the server is asked on a line of its own what became of it.
extension Connection {
  /// How long nothing may come before the server is asked, and before it is asked again.
  private static let patience = Duration.seconds(5)
  /// How long the last bytes may be on their way when the server says that it waits for this side.
  private static let grace = Duration.seconds(1)
  /// How long nothing may come where the server isn't to be reached on another line either.
  private static let unreachable = Duration.seconds(30)
  /// What a statement that is cancelled for its time may take to be.
  private static let cancelling = Duration.seconds(5)

  /// What the server says of the statement that this side waits for.
  private enum Verdict {
    /// It runs, or waits for a lock.
    case working
    /// As far as the server knows, it is this side's turn.
    case waiting
    /// The server doesn't know the connection, because whoever stands between has numbers of its own;
    /// or it doesn't let anybody ask.
    case unknown
    case unreachable
  }

  /// Notes that something is awaited from now on.
  func awaitAnswer() {
    lastMoved = loop.now
    guard !isWatchingSilence else { return }
    isWatchingSilence = true
    checkLater(Self.patience.nanoseconds)
  }

  private var isAwaiting: Bool {
    switch mode {
    case .pipeline: inFlight > 0
    case .exclusive: readyWaiter != nil && !maySayNothing
    case .connecting, .closed: false
    }
  }

  private func checkLater(_ nanoseconds: UInt64) {
    loop.schedule(after: .nanoseconds(Int64(nanoseconds))) { [weak self] in self?.checkSilence() }
  }

  private func checkSilence() {
    guard isAwaiting else {
      isWatchingSilence = false
      return
    }
    let silence = loop.now - lastMoved
    guard silence >= Self.patience.nanoseconds else {
      return checkLater(Self.patience.nanoseconds - silence)
    }
    Task(executorPreference: loop) { await self.judgeSilence() }
  }

  private func judgeSilence() async {
    let moved = lastMoved
    let (other, verdict) = await askAnother()
    defer { other?.close() }
    if verdict == .waiting { await loop.sleep(for: Self.grace) }
    guard isAwaiting, lastMoved == moved else { return checkSilence() }
    let silence = loop.now - moved
    guard isLost(verdict, silence) else { return checkLater(Self.patience.nanoseconds) }
    // It would hold its locks until the server's TCP gives up, which may take hours.
    if verdict == .waiting, let other { _ = try? await ask(Self.end, on: other) }
    lose(
      PostgresError(
        .connectionLost, "no answer came for \(silence / 1_000_000_000) s, and the line is broken",
        retry: .unknown))
  }

  private func isLost(_ verdict: Verdict, _ silence: UInt64) -> Bool {
    let limit = statementTimeout > .zero ? (statementTimeout + Self.cancelling).nanoseconds : .max
    return switch verdict {
    case .working: false
    case .waiting: true
    case .unknown: silence >= limit
    case .unreachable: silence >= min(limit, Self.unreachable.nanoseconds)
    }
  }

  // MARK: On another line

  private func askAnother() async -> (Connection?, Verdict) {
    do throws(PostgresError) {
      let other = try Connection(loop: loop, settings, limit: 1)
      try await other.connect(timeout: Self.patience)
      guard let row = try await ask(Self.isAtWork, on: other).first else {
        return (other, .unknown)
      }
      return (other, try row.decode(Bool.self) ? .working : .waiting)
    } catch {
      // A server that says why it takes no more connections is there.
      return (nil, error.message.contains("FATAL") ? .unknown : .unreachable)
    }
  }

  private func ask(
    _ statement: Statement, on other: Connection
  ) async throws(PostgresError) -> Rows {
    let timer = loop.schedule(after: Self.patience) { other.close() }
    defer { timer.cancel() }
    return try await other.run([statement(.int(Int(PQbackendPID(pointer))))])[0]
  }

  /// A server that doesn't watch its statements doesn't say.
  private static let isAtWork = Statement.once(
    """
    SELECT state = 'disabled' OR state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'
    FROM pg_stat_activity WHERE pid = $1 AND state IS NOT NULL
    """)

  private static let end = Statement.once("SELECT pg_terminate_backend($1::bigint::integer)")
}
