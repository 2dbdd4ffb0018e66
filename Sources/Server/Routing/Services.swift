import Domain
import EventLoop
import Postgres

/// What a loop's requests are served with.
///
/// `@unchecked Sendable`: what changes in it is touched only on its loop's thread.
public final class Services: @unchecked Sendable {
  let database: Database
  let tools: SignIn.Tools
  let rules: PasswordRules
  let started: UInt64
  let catalogue = CatalogueCache()

  private var seenSessions: Set<UUID> = []
  private var seenCredentials: Set<UUID> = []

  init(database: Database, tools: SignIn.Tools, rules: PasswordRules, started: UInt64) {
    self.database = database
    self.tools = tools
    self.rules = rules
    self.started = started
  }

  /// Notes that a credential was used just now; the table hears of it at intervals.
  func noteSeen(_ caller: Caller) {
    seenSessions.insert(caller.session)
    seenCredentials.insert(caller.credential)
  }

  /// Writes what was noted since the last time.
  func writeSeen() async throws {
    guard !seenSessions.isEmpty else { return }
    let (sessions, credentials) = (Array(seenSessions), Array(seenCredentials))
    seenSessions.removeAll(keepingCapacity: true)
    seenCredentials.removeAll(keepingCapacity: true)
    try await Sessions.noteSeen(sessions: sessions, credentials: credentials, database)
  }
}
