import AdminKit
import Domain
import EventLoop
import Postgres

/// What a loop's requests are served with.
///
/// `@unchecked Sendable`: what changes in it is touched only on its loop's thread.
public final class Services: @unchecked Sendable {
  let database: Database
  /// The same for what reads much.
  let longReads: LongReads
  /// Where much is read that may be a moment old; the same where there is no other.
  let standby: any Querying
  private(set) var settings: ServerSettings
  private(set) var tools: SignIn.Tools
  /// What the dashboard's operations run with.
  private(set) var administration: AdminEnvironment
  let rules: PasswordRules
  let bans: BannedNetworks
  private lazy var transfers = try? Transfers(loop: database.loop)
  let started: UInt64
  let catalogue = CatalogueCache()
  let sockets: SocketHub
  let rooms: ChatRooms
  let messages: MessageQueue
  let streams: StreamDesk
  /// What each loop's STUN server has done.
  let stun: [STUNCounters]
  let traffic: TrafficCounters
  /// This process, among all that serve the database.
  let server: UUID
  /// What was answered here, by route.
  var requests = RequestCounters(routes: Worker.routes.count)
  /// What the whole server can be asked about; there when it serves.
  var census: Census?

  /// Equations that are computed: each holds a piece of all its sets, and its whole result.
  let arithmetic = Turnstile(limit: 4, waiting: 256)

  /// Credentials that were used since this was last written, and their sessions.
  private var seen: [UUID: UUID] = [:]

  init(
    database: Database, standby: StandbyReads? = nil, shared: SharedServices,
    settings: ServerSettings, started: UInt64
  ) {
    self.database = database
    let longReads = LongReads(database)
    self.longReads = longReads
    self.standby = standby ?? longReads
    self.settings = settings
    self.started = started
    tools = Self.tools(shared.hasher, shared.keys, settings)
    administration = Self.administration(settings, shared.hasher, shared.keys, database.loop)
    rules = shared.rules
    bans = shared.bans
    sockets = SocketHub(
      loop: database.loop, database: database, server: shared.server,
      pingInterval: settings.pingInterval)
    rooms = ChatRooms(loop: database.loop, database: database, exchange: shared.chat)
    messages = MessageQueue(
      loop: database.loop, messages: Messages(database, server: shared.server),
      exchange: shared.chat)
    streams = StreamDesk(
      hub: sockets, database: database, server: shared.server, exchange: shared.streams)
    stun = shared.stun
    traffic = shared.traffic
    server = shared.server
  }

  /// Goes on with other settings. On the loop's thread.
  func adopt(_ settings: ServerSettings) {
    self.settings = settings
    tools = Self.tools(tools.hasher, tools.keys, settings)
    administration = Self.administration(settings, tools.hasher, tools.keys, database.loop)
    sockets.pingInterval = settings.pingInterval
  }

  private static func tools(
    _ hasher: PasswordHasher, _ keys: SigningKeys, _ settings: ServerSettings
  ) -> SignIn.Tools {
    SignIn.Tools(
      hasher: hasher, keys: keys, lifetimes: settings.lifetimes, limits: settings.attempts)
  }

  private static func administration(
    _ settings: ServerSettings, _ hasher: PasswordHasher, _ keys: SigningKeys, _ loop: Loop
  ) -> AdminEnvironment {
    AdminEnvironment(
      configuration: settings.configuration, loop: loop, keys: keys, hasher: hasher,
      registry: .all, version: ServerDescription.version, policies: ServerDescription.policies)
  }

  /// The way to another service's accounts; nil where none is configured.
  var oauth: OAuth? {
    guard let oauth = settings.oauth, let transfers else { return nil }
    return OAuth(database, settings: oauth, transfers: transfers)
  }

  /// Notes that a credential was used just now; the table hears of it at intervals.
  func noteSeen(_ caller: Caller) {
    seen[caller.credential] = caller.session
  }

  /// Writes what was noted since the last time.
  func writeSeen() async throws {
    guard !seen.isEmpty else { return }
    let (sessions, credentials) = (Array(Set(seen.values)), Array(seen.keys))
    seen.removeAll(keepingCapacity: true)
    try await Sessions.noteSeen(sessions: sessions, credentials: credentials, database)
  }
}

/// What every loop's requests are served with, made once for all of them.
struct SharedServices: Sendable {
  let hasher: PasswordHasher
  let keys: SigningKeys
  let rules: PasswordRules
  let bans: BannedNetworks
  /// This process, among all that serve the database.
  let server: UUID
  let chat: ChatExchange
  let streams = StreamExchange()
  /// What each loop's STUN server has done.
  let stun: [STUNCounters]
  let traffic = TrafficCounters()
}
