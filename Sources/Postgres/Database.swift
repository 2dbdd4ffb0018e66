import EventLoop

/// A loop's way to PostgreSQL: one pipelined connection for statements, and a few more that are
/// lent to transactions.
///
/// It connects when it is first used, and again, with growing pauses, after a connection was lost.
/// While there is none a query fails at once with `.unavailable`, so that a caller can say so
/// instead of waiting.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread, which every public
/// method checks.
public final class Database: Querying, @unchecked Sendable {
  /// What a database is reached with, and its limits.
  public struct Options: Sendable {
    /// A libpq URL or `key=value` words; empty for libpq's own PG* variables.
    public var conninfo: String
    /// Units on the pipelined connection that wait for an answer; beyond it, `.overloaded`.
    public var maxInFlight = 4_096
    /// Connections for transactions.
    public var maxTransactions = 4
    /// Transactions that wait for a connection; beyond it, `.overloaded`.
    public var maxWaiting = 1_024
    public var connectTimeout = Duration.seconds(5)
    /// A statement that runs longer is cancelled by the server; zero for no limit.
    public var statementTimeout = Duration.zero
    /// How long a transaction that has ended keeps its connection for the next.
    public var idleLifetime = Duration.seconds(60)

    public init(conninfo: String) { self.conninfo = conninfo }
  }

  public let loop: Loop
  public let options: Options
  /// Called with what happened to the pipelined connection: why it was lost, or nil when it is
  /// back.
  public var onConnectionChange: (@Sendable (PostgresError?) -> Void)?

  private enum State {
    case idle
    case connecting
    case connected(Connection)
    /// Waiting for the next attempt; the reason of the last failure.
    case away(PostgresError)
    case closed
  }

  private var state = State.idle
  private var failures = 0
  /// Units that came while the first attempt, or one that follows a loss, is under way.
  private var waiting: [Unit] = []
  private lazy var pool = ConnectionPool(database: self)

  public init(loop: Loop, options: Options) {
    self.loop = loop
    self.options = options
  }

  /// Why there is no connection now; nil while there is one or none was wanted yet.
  public var outage: PostgresError? {
    loop.preconditionOnLoop()
    if case .away(let error) = state { return error }
    return nil
  }

  /// Units on the pipelined connection that wait for an answer.
  public var inFlight: Int {
    if case .connected(let connection) = state { return connection.inFlight }
    return 0
  }

  // MARK: Running

  public func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    loop.preconditionOnLoop()
    let result = await withUnsafeContinuation { continuation in
      submit(Unit(statements, continuation: continuation))
    }
    return try result.get()
  }

  private func submit(_ unit: Unit) {
    switch state {
    case .connected(let connection):
      guard !connection.isFull else {
        return unit.fail(
          PostgresError(.overloaded, "\(options.maxInFlight) queries in flight", retry: .safe))
      }
      connection.send(unit)
    case .idle:
      waiting.append(unit)
      connect()
    case .connecting:
      guard waiting.count < options.maxInFlight else {
        return unit.fail(
          PostgresError(.overloaded, "\(options.maxInFlight) queries waiting", retry: .safe))
      }
      waiting.append(unit)
    case .away(let error): unit.fail(error)
    case .closed: unit.fail(PostgresError(.unavailable, "closed", retry: .safe))
    }
  }

  public func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    loop.preconditionOnLoop()
    let connection = try await pool.borrow()
    do {
      try await connection.execute("BEGIN")
      let value = try await body(Transaction(connection: connection))
      try await connection.execute("COMMIT")
      pool.giveBack(connection)
      return value
    } catch {
      if connection.mode == .pipeline, (try? await connection.execute("ROLLBACK")) != nil {
        pool.giveBack(connection)
      } else {
        pool.discard(connection)
      }
      throw error
    }
  }

  /// Asks the server to cancel what runs on this database's connections, from a thread of its own
  /// because libpq's call blocks.
  public func cancelRunning() {
    loop.preconditionOnLoop()
    if case .connected(let connection) = state { connection.cancelRunning() }
    pool.cancelRunning()
  }

  /// Closes every connection; later queries fail.
  public func close() {
    loop.preconditionOnLoop()
    if case .connected(let connection) = state { connection.close() }
    state = .closed
    pool.close()
  }

  // MARK: Connecting

  private func connect() {
    state = .connecting
    Task(executorPreference: loop) { await self.attempt() }
  }

  private func attempt() async {
    do {
      let connection = try await open()
      if case .closed = state { return connection.close() }
      connection.onLoss = { [weak self] error, orphans in self?.lost(error, orphans) }
      state = .connected(connection)
      if failures > 0 { onConnectionChange?(nil) }
      failures = 0
      let units = waiting
      waiting = []
      for unit in units { connection.send(unit) }
    } catch {
      failures += 1
      if failures == 1 { onConnectionChange?(error) }
      state = .away(error)
      let units = waiting
      waiting = []
      for unit in units { unit.fail(error) }
      scheduleAttempt()
    }
  }

  /// 100 ms after the first failure, doubled up to 3.2 s.
  private func scheduleAttempt() {
    let delay = Duration.milliseconds(100 << min(failures - 1, 5))
    loop.schedule(after: delay) { [weak self] in
      guard let self, case .away = state else { return }
      connect()
    }
  }

  /// Reads run again on the next connection; whether a write happened can't be known.
  private func lost(_ error: PostgresError, _ orphans: [Unit]) {
    failures = max(failures, 1)
    onConnectionChange?(error)
    for unit in orphans {
      if unit.onlyReads { waiting.append(unit) } else { unit.fail(error) }
    }
    connect()
  }

  /// A connection that is ready for statements, with this program's session settings.
  func open() async throws(PostgresError) -> Connection {
    let connection = try Connection(
      loop: loop, conninfo: options.conninfo, limit: options.maxInFlight)
    try await connection.connect(timeout: options.connectTimeout)
    let (seconds, attoseconds) = options.statementTimeout.components
    let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    // Not awaited: it stands in the pipeline before whatever comes first.
    connection.send(Unit([Self.settings(.text("\(milliseconds)ms"))]))
    return connection
  }

  private static let settings = Statement(
    """
    SELECT set_config('statement_timeout', $1, false), set_config('TimeZone', 'UTC', false),
      set_config('idle_in_transaction_session_timeout', '10min', false)
    """)
}
