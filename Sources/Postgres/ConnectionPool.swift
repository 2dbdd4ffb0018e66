import EventLoop

/// The connections that a database lends to transactions, one at a time each.
final class ConnectionPool {
  private unowned let database: Database
  private var idle: [Connection] = []
  private var lent: [Connection] = []
  private var opening = 0
  private var waiters = RingQueue<UnsafeContinuation<Connection?, Never>>()
  private var isClosed = false

  init(database: Database) { self.database = database }

  var lentCount: Int { lent.count }
  var waitingCount: Int { waiters.count }

  func borrow() async throws(PostgresError) -> Connection {
    while let connection = idle.popLast() {
      guard connection.mode == .pipeline else { continue }
      lent.append(connection)
      return connection
    }
    if lent.count + opening >= database.options.maxTransactions {
      guard waiters.count < database.options.maxWaiting else {
        throw PostgresError(.overloaded, "too many transactions are waiting", retry: .safe)
      }
      let handed = await withUnsafeContinuation { waiters.append($0) }
      if let handed { return handed }
    }
    opening += 1
    defer { opening -= 1 }
    do {
      let connection = try await database.open()
      lent.append(connection)
      return connection
    } catch {
      wakeOne()
      throw error
    }
  }

  func giveBack(_ connection: Connection) {
    guard connection.mode == .pipeline, !isClosed else { return discard(connection) }
    if let waiter = waiters.removeFirst() { return waiter.resume(returning: connection) }
    lent.removeAll { $0 === connection }
    idle.append(connection)
    let loop = database.loop
    loop.schedule(after: database.options.idleLifetime) { [weak self, weak connection] in
      guard let self, let connection, idle.first === connection, idle.count > 1 else { return }
      idle.removeFirst()
      connection.close()
    }
  }

  func discard(_ connection: Connection) {
    lent.removeAll { $0 === connection }
    connection.close()
    wakeOne()
  }

  /// A waiter that gets no connection opens one itself.
  private func wakeOne() { waiters.removeFirst()?.resume(returning: nil) }

  func cancelRunning() {
    for connection in lent { connection.cancelRunning() }
  }

  /// Connections that are lent no more, and so may have been lost unnoticed.
  var idleCount: Int { idle.count }

  /// Gives up what is under way.
  func disconnect() {
    for connection in idle + lent { connection.close(.givenUp) }
    idle = []
  }

  func close() {
    isClosed = true
    for connection in idle + lent { connection.close() }
    idle = []
    while !waiters.isEmpty { wakeOne() }
  }
}
