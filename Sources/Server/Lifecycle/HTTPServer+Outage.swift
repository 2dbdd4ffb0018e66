import EventLoop
import Glibc
import Postgres

/// While the database is away.
extension HTTPServer {
  /// The service manager is told that the database is away, and not that the server has failed.
  func databaseChanged(_ error: PostgresError?) {
    let outage = error?.description
    guard outage != condition.outage else { return }
    condition.outage = outage
    if condition.isReady, !isStopping { ServiceManager.status(condition.words) }
    if outage != nil { reviveLater() }
  }

  /// How long the database may come back by itself: PostgreSQL does after most of what befalls it.
  private static let patience = Duration.seconds(3)

  /// Starts the database again where nobody else will.
  private func reviveLater() {
    guard settings.reviveDatabase != nil, !isReviving else { return }
    isReviving = true
    loop.schedule(after: Self.patience) { [weak self] in
      guard let self else { return }
      guard condition.outage != nil, !isStopping, let revive = settings.reviveDatabase else {
        isReviving = false
        return
      }
      do {
        // It waits for PostgreSQL, which no loop may.
        pthread_detach(try startThread(name: "revive") { [self] in run(revive) })
      } catch {
        revived()
      }
    }
  }

  private func run(_ revive: @Sendable () throws -> Void) {
    do {
      try revive()
    } catch {
      log(
        .error, "the embedded database can't be started",
        ["cause": .text(String(describing: error))])
    }
    loop.execute { [self] in revived() }
  }

  private func revived() {
    isReviving = false
    if condition.outage != nil { reviveLater() }
  }
}
