import EventLoop

/// A loop's way to PostgreSQL: three pipelined connections for statements, and a few more that are
/// lent to transactions.
///
/// Everything behind a statement in its pipeline waits for it. So those that read have a pipeline of
/// their own, because one that writes may have to wait for a lock; and so have those that read much.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread, which every public
/// method checks.
public final class Database: Querying, @unchecked Sendable {
  /// What a database is reached with, and its limits.
  public struct Options: Sendable {
    /// A libpq URL or `key=value` words; empty for libpq's own PG* variables.
    public var conninfo: String
    /// Units on a pipelined connection that wait for an answer; beyond it, `.overloaded`.
    public var maxInFlight = 4_096
    /// The same for those that read much.
    public var maxLongInFlight = 256
    /// Connections for transactions.
    public var maxTransactions = 4
    /// Transactions that wait for a connection; beyond it, `.overloaded`.
    public var maxWaiting = 1_024
    public var connectTimeout = Duration.seconds(5)
    /// A statement that runs longer is cancelled by the server; zero for no limit.
    public var statementTimeout = Duration.zero
    /// Whether a prepared statement is planned once and not for each set of values: right where all
    /// of them are looked up by an index, and planning costs more than running.
    public var plansOnce = false
    /// How long a transaction that has ended keeps its connection for the next.
    public var idleLifetime = Duration.seconds(60)

    /// Whether nothing is ever written through it, so that it may be a standby.
    public var onlyReads = false

    public init(conninfo: String) { self.conninfo = conninfo }
  }

  public let loop: Loop
  public let options: Options
  /// Called with what happened to a pipelined connection: why it was lost, or nil when it is back.
  public var onConnectionChange: (@Sendable (PostgresError?) -> Void)?

  /// What is to be known of its statements.
  public var tracing = Tracing()

  private lazy var targets = ConnectionTargets(
    options.conninfo, onlyReads: options.onlyReads)
  private lazy var readers = Pipeline(
    database: self, groupsReads: true, limit: options.maxInFlight)
  private lazy var longReaders = Pipeline(
    database: self, groupsReads: false, limit: options.maxLongInFlight)
  private lazy var writers = Pipeline(
    database: self, groupsReads: false, limit: options.maxInFlight)
  private lazy var pool = ConnectionPool(database: self)

  public init(loop: Loop, options: Options) {
    self.loop = loop
    self.options = options
  }

  /// Connects ahead of the first query.
  public func warmUp() {
    loop.preconditionOnLoop()
    readers.connectIfIdle()
    writers.connectIfIdle()
  }

  /// What it does, at one moment.
  public struct Figures: Sendable {
    /// Units that wait for an answer, but for those of transactions.
    public let inFlight: Int
    /// Transactions that have a connection, and that wait for one.
    public let transactions: Int
    public let waiting: Int
    /// Statements that were sent, and connections that broke, ever.
    public let statements: UInt64
    public let losses: UInt64
  }

  public var figures: Figures {
    loop.preconditionOnLoop()
    return Figures(
      inFlight: inFlight, transactions: pool.lentCount, waiting: pool.waitingCount,
      statements: statements, losses: losses)
  }

  private var isClosed = false

  /// Statements that were sent.
  var statements: UInt64 = 0
  /// Connections that broke.
  var losses: UInt64 = 0

  /// Units that wait for an answer.
  public var inFlight: Int { readers.inFlight + longReaders.inFlight + writers.inFlight }

  /// How often work is tried that the server broke off for another's sake.
  private static let mostAttempts = 4

  public func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    try await run(statements, isLong: false)
  }

  func run(
    _ statements: [BoundStatement], isLong: Bool
  ) async throws(PostgresError) -> [Rows] {
    loop.preconditionOnLoop()
    var attempts = 1
    while true {
      do {
        return try await runOnce(statements, isLong)
      } catch {
        guard error.sqlState?.isContention == true, attempts < Self.mostAttempts else {
          throw error
        }
        attempts += 1
      }
    }
  }

  private func runOnce(
    _ statements: [BoundStatement], _ isLong: Bool
  ) async throws(PostgresError) -> [Rows] {
    self.statements &+= UInt64(statements.count)
    let start = loop.now
    let result = await withUnsafeContinuation { continuation in
      let unit = Unit(statements, mark: tracing.mark, continuation: continuation)
      (!unit.onlyReads ? writers : isLong ? longReaders : readers).submit(unit)
    }
    tracing.note(statements, since: start, loop)
    return try result.get()
  }

  public func repeatableTransaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    for _ in 1..<Self.mostAttempts {
      do {
        return try await transaction(body)
      } catch let error as PostgresError {
        guard error.sqlState?.isContention == true else { throw error }
      }
    }
    return try await transaction(body)
  }

  public func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    loop.preconditionOnLoop()
    let connection = try await begin()
    do {
      let value = try await body(Transaction(connection: connection, of: self))
      try await connection.execute("COMMIT", tracing: tracing)
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

  /// A connection in a transaction. One that was idle may be gone unnoticed, and nothing has
  /// happened on it yet: another takes its place.
  private func begin() async throws(PostgresError) -> Connection {
    var attempts = pool.idleCount
    while true {
      let connection = try await pool.borrow()
      do {
        _ = try await connection.execute("BEGIN")
        return connection
      } catch {
        pool.discard(connection)
        attempts -= 1
        guard error.isOutage, attempts >= 0 else { throw error }
      }
    }
  }

  /// Does what must not be missed: again and again, as long as it is the database that is away.
  /// - Throws: what isn't an outage; and any error once this is closed.
  @discardableResult
  public func insistently<Value>(_ body: () async throws -> Value) async throws -> Value {
    loop.preconditionOnLoop()
    var pause = Duration.milliseconds(100)
    while true {
      do {
        return try await body()
      } catch let error as PostgresError where error.isOutage && !isClosed {
        await loop.sleep(for: pause)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }

  /// Gives up what is under way on a server that doesn't even cancel it; what comes next connects
  /// again.
  public func disconnect() {
    loop.preconditionOnLoop()
    readers.disconnect()
    longReaders.disconnect()
    writers.disconnect()
    pool.disconnect()
  }

  /// Asks the server to cancel what runs on this database's connections, from a thread of its own
  /// because libpq's call blocks.
  public func cancelRunning() {
    loop.preconditionOnLoop()
    readers.cancelRunning()
    longReaders.cancelRunning()
    writers.cancelRunning()
    pool.cancelRunning()
  }

  /// Cancels what runs in the server and closes every connection; later queries fail.
  public func giveUp() {
    cancelRunning()
    close()
  }

  /// Closes every connection; later queries fail.
  public func close() {
    loop.preconditionOnLoop()
    isClosed = true
    readers.close()
    longReaders.close()
    writers.close()
    pool.close()
  }

  /// A connection to the first server that takes one.
  private func connect(limit: Int) async throws(PostgresError) -> Connection {
    var failures: [String] = []
    for (server, settings) in targets.attempts {
      do throws(PostgresError) {
        let connection = try Connection(loop: loop, settings, limit: limit)
        connection.leavesStandby = !options.onlyReads
        try await connection.connect(timeout: options.connectTimeout)
        targets.answered(server)
        return connection
      } catch {
        failures.append(error.message)
      }
    }
    throw PostgresError(.unavailable, failures.joined(separator: "; "), retry: .safe)
  }

  /// A connection that is ready for statements, with this program's session settings.
  func open(
    limit: Int? = nil
  ) async throws(PostgresError) -> Connection {
    let connection = try await connect(limit: limit ?? options.maxInFlight)
    connection.statementTimeout = options.statementTimeout
    let (seconds, attoseconds) = options.statementTimeout.components
    let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    // Not awaited: it stands in the pipeline before whatever comes first.
    connection.send(
      Unit([
        Self.settings(
          .text("\(milliseconds)ms"), .text(options.plansOnce ? "force_generic_plan" : "auto"))
      ]))
    return connection
  }

  /// Compiling a statement takes the server longer than any of this program's runs, and a plan for
  /// all values looks expensive enough for it.
  private static let settings = Statement(
    """
    SELECT set_config('jit', 'off', false), set_config('statement_timeout', $1, false),
      set_config('TimeZone', 'UTC', false), set_config('idle_in_transaction_session_timeout', '10min', false),
      set_config('plan_cache_mode', $2, false)
    """)
}
