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
  let origins: Origins
  let bans: BannedNetworks
  private let oauthSettings: OAuth.Settings?
  private lazy var transfers = try? Transfers(loop: database.loop)
  /// Whether there is a way for a code to reach its owner.
  let canSendCodes: Bool
  /// Bytes of an uploaded avatar.
  let avatarLimit: Int
  let started: UInt64
  let catalogue = CatalogueCache()
  let sockets: SocketHub
  let rooms: ChatRooms
  let messages: MessageQueue
  let streams: StreamDesk
  let streamSettings: StreamSettings
  /// What each loop's STUN server has done.
  let stun: [STUNCounters]
  let requests: RequestCounter
  /// This process, among all that serve the database.
  let server: UUID
  /// Messages a second that one chat socket may send; 0 for no limit.
  let chatRate: Int

  /// Equations that are computed: each holds a piece of all its sets, and its whole result.
  let arithmetic = Turnstile(limit: 4, waiting: 256)

  private var seenSessions: Set<UUID> = []
  private var seenCredentials: Set<UUID> = []

  init(database: Database, shared: SharedServices, started: UInt64) {
    self.database = database
    tools = shared.tools
    rules = shared.rules
    origins = shared.origins
    bans = shared.bans
    oauthSettings = shared.oauth
    canSendCodes = shared.canSendCodes
    avatarLimit = shared.avatarLimit
    self.started = started
    sockets = SocketHub(
      loop: database.loop, database: database, server: shared.server,
      pingInterval: shared.pingInterval)
    rooms = ChatRooms(loop: database.loop, database: database, exchange: shared.chat)
    messages = MessageQueue(
      loop: database.loop, messages: Messages(database, server: shared.server),
      exchange: shared.chat)
    chatRate = shared.chatRate
    streams = StreamDesk(
      hub: sockets, database: database, server: shared.server, exchange: shared.streams)
    streamSettings = shared.streamSettings
    stun = shared.stun
    requests = shared.requests
    server = shared.server
  }

  /// The way to another service's accounts; nil where none is configured.
  var oauth: OAuth? {
    guard let oauthSettings, let transfers else { return nil }
    return OAuth(database, settings: oauthSettings, transfers: transfers)
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

/// What every loop's requests are served with, made once for all of them.
struct SharedServices: Sendable {
  let tools: SignIn.Tools
  let rules: PasswordRules
  let origins: Origins
  let bans: BannedNetworks
  let oauth: OAuth.Settings?
  let canSendCodes: Bool
  let avatarLimit: Int
  /// This process, among all that serve the database.
  let server: UUID
  let pingInterval: Duration
  let chatRate: Int
  let chat: ChatExchange
  let streams = StreamExchange()
  let streamSettings: StreamSettings
  /// What each loop's STUN server has done.
  let stun: [STUNCounters]
  let requests = RequestCounter()
}
