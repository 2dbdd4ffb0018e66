import EventLoop

/// Keeps a connection of its own that listens on channels, through every loss of it.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread, which `start` and
/// `stop` check.
public final class Listener: @unchecked Sendable {
  /// What a listener tells.
  public enum Event: Sendable {
    /// Listening began, or began again: whatever was sent meanwhile was missed, so what depends on
    /// it must be read from its table.
    case listening
    case notification(Notification)
    case lost(PostgresError)
  }

  private static let heartbeat = Duration.seconds(10)

  private let database: Database
  private let channels: [String]
  private let handler: @Sendable (Event) -> Void
  private var connection: Connection?
  private var isStopped = false

  /// - Parameter channels: SQL identifiers, written by the program and never by a user.
  public init(
    database: Database, channels: [String], handler: @escaping @Sendable (Event) -> Void
  ) {
    self.database = database
    self.channels = channels
    self.handler = handler
  }

  public func start() {
    database.loop.preconditionOnLoop()
    Task(executorPreference: database.loop) { await self.run() }
  }

  public func stop() {
    database.loop.preconditionOnLoop()
    isStopped = true
    connection?.close()
    connection = nil
  }

  private func run() async {
    var failures = 0
    while !isStopped {
      do {
        let connection = try await database.open()
        // The session's settings must be answered before the connection leaves the pipeline.
        try await connection.execute("SELECT 1")
        self.connection = connection
        defer {
          connection.close()
          self.connection = nil
        }
        try connection.beginExclusive()
        for channel in channels { try await connection.command("LISTEN \(channel)") }
        failures = 0
        handler(.listening)
        while !isStopped {
          let notifications = try await connection.notifications(within: Self.heartbeat)
          for notification in notifications { handler(.notification(notification)) }
          // Where nobody says anything it can't be told from a line that is broken.
          if notifications.isEmpty { try await connection.command("SELECT 1") }
        }
      } catch {
        guard !isStopped else { return }
        handler(.lost(error))
        failures += 1
        await database.loop.sleep(for: .milliseconds(100 << min(failures - 1, 5)))
      }
    }
  }
}
