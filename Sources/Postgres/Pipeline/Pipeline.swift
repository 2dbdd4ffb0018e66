import EventLoop

/// One pipelined connection through every loss of it.
///
/// It connects when it is first used, and again, with growing pauses, after the connection was
/// lost. While there is none a unit fails at once with `.unavailable`, so that its caller can say
/// so instead of waiting.
///
/// `@unchecked Sendable`: touched only on the loop of its database, which checks that.
final class Pipeline: @unchecked Sendable {
  private enum State {
    case idle
    case connecting
    case connected(Connection)
    /// Waiting for the next attempt; the reason of the last failure.
    case away(PostgresError)
    case closed
  }

  private unowned let database: Database
  private var state = State.idle
  private var failures = 0
  /// Units that came while the first attempt, or one that follows a loss, is under way.
  private var waiting: [Unit] = []

  /// Whether units share a Sync: only what reads does, and little.
  private let groupsReads: Bool

  /// Units that wait for an answer; beyond it, `.overloaded`.
  private let limit: Int

  init(database: Database, groupsReads: Bool, limit: Int) {
    self.database = database
    self.limit = limit
    self.groupsReads = groupsReads
  }

  /// Units that wait for an answer.
  var inFlight: Int {
    if case .connected(let connection) = state { return connection.inFlight }
    return waiting.count
  }

  func submit(_ unit: Unit) {
    switch state {
    case .connected(let connection):
      guard !connection.isFull else {
        return unit.fail(PostgresError(.overloaded, "\(limit) queries in flight", retry: .safe))
      }
      connection.send(unit)
    case .idle:
      waiting.append(unit)
      connect()
    case .connecting:
      guard waiting.count < limit else {
        return unit.fail(PostgresError(.overloaded, "\(limit) queries waiting", retry: .safe))
      }
      waiting.append(unit)
    case .away(let error): unit.fail(error)
    case .closed: unit.fail(PostgresError(.unavailable, "closed", retry: .safe))
    }
  }

  func connectIfIdle() {
    if case .idle = state { connect() }
  }

  func cancelRunning() {
    if case .connected(let connection) = state { connection.cancelRunning() }
  }

  func close() {
    if case .connected(let connection) = state { connection.close() }
    state = .closed
  }

  /// Gives up what is under way; the next unit connects again.
  func disconnect() {
    if case .connected(let connection) = state {
      state = .idle
      connection.close(.givenUp)
    }
    let units = waiting
    waiting = []
    for unit in units { unit.fail(.givenUp) }
  }

  // MARK: Connecting

  private func connect() {
    state = .connecting
    let (database, limit) = (self.database, self.limit)
    Task(executorPreference: database.loop) { [weak self] in
      let outcome = await Self.open(database, limit)
      switch outcome {
      case .success(let connection): self?.connected(connection)
      case .failure(let error): self?.failed(error)
      }
    }
  }

  private static func open(
    _ database: Database, _ limit: Int
  ) async -> Result<Connection, PostgresError> {
    do {
      return .success(try await database.open(limit: limit))
    } catch {
      return .failure(error)
    }
  }

  private func connected(_ connection: Connection) {
    if case .closed = state { return connection.close() }
    connection.repeatsStaleUnits = true
    connection.groupsReads = groupsReads
    connection.onLoss = { [weak self] error, orphans in self?.lost(error, orphans) }
    state = .connected(connection)
    if failures > 0 { database.onConnectionChange?(nil) }
    failures = 0
    let units = waiting
    waiting = []
    for unit in units { submit(unit) }
  }

  private func failed(_ error: PostgresError) {
    if case .closed = state { return }
    failures += 1
    if failures == 1 { database.onConnectionChange?(error) }
    state = .away(error)
    let units = waiting
    waiting = []
    for unit in units { unit.fail(error) }
    // 100 ms after the first failure, doubled up to 3.2 s.
    database.loop.schedule(after: .milliseconds(100 << min(failures - 1, 5))) { [weak self] in
      guard let self, case .away = state else { return }
      connect()
    }
  }

  /// Reads run again on the next connection; whether a write happened can't be known.
  private func lost(_ error: PostgresError, _ orphans: [Unit]) {
    failures = max(failures, 1)
    database.losses &+= 1
    database.onConnectionChange?(error)
    for unit in orphans {
      unit.forgetAnswer()
      if unit.onlyReads { waiting.append(unit) } else { unit.fail(error) }
    }
    connect()
  }
}
