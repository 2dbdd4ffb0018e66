import AdminKit
import Domain
import EventLoop
import Postgres

/// What a server is started with.
public struct ServerSettings: Sendable {
  var listen: [ListenAddress] = []
  /// With which TCP addresses speak TLS; nil where they don't.
  var certificate: Certificate?
  /// A libpq URL or `key=value` words; empty for libpq's own PG* variables.
  public var database = ""
  /// Where what may be a moment old is read; nil for the same place.
  var replica: String?
  /// How far that may be behind.
  var replicaLag = Duration.seconds(60)
  /// Starts the database again where it is this program's own; blocking.
  public var reviveDatabase: (@Sendable () throws -> Void)?
  var limits = HTTPLimits()
  var passwords = PasswordParameters()
  /// Password hashes that may wait for a thread.
  var passwordQueue = 256
  var lifetimes = Lifetimes()
  /// What the signing keys are sealed with; nil for nothing.
  var seal: Seal?
  var attempts = Attempts.Limits()
  /// How long a deleted account can be restored.
  var retention = Duration.seconds(30 * 86_400)
  var proxies = TrustedProxies()
  var origins = Origins()
  var disclosure = DisclosureSettings()
  /// How codes reach their owners; nil where there is no way.
  public var mail: MailSettings?
  var oauth: OAuth.Settings?
  /// Of silence on a socket, after which it is asked whether anybody is there.
  var pingInterval = Duration.seconds(30)
  /// Messages a second that one chat socket may send; 0 for no limit.
  var chatRate = 20
  var streams = StreamSettings()
  var stun = STUNSettings()
  public var log = Log.Settings()
  /// From where a request has a line of its own; nil for none.
  var slowRequest: Duration?
  /// The same of a statement.
  var slowQuery: Duration?
  /// Whether statements carry the id of the request that they are for.
  var commentsStatements = false
  /// Loops, and threads for password hashes; nil for one a core.
  var threads: Int?
  /// A statement that runs longer is cancelled.
  var statementTimeout = Duration.seconds(25)
  /// What runs is given so long when the server ends.
  var shutdownTimeout = Duration.seconds(30)

  var dashboard = DashboardSettings()
  /// What all of it was read from.
  let configuration: Configuration

  /// Whether there is a way for a code to reach its owner.
  var canSendCodes: Bool { mail != nil }

  /// Whether other services are talked to, which needs libcurl.
  var needsTransfers: Bool {
    if case .smtp? = mail?.route { true } else { oauth != nil }
  }

  /// What is to be known of the statements of a loop.
  func tracing(_ log: Log) -> Tracing {
    var tracing = Tracing()
    tracing.slow = slowQuery?.nanoseconds ?? .max
    tracing.comments = commentsStatements
    tracing.report = { log.note($0) }
    return tracing
  }
}

/// What is configured of streaming sessions.
struct StreamSettings: Sendable {
  /// For a publisher to come.
  var openTimeout = Duration.seconds(60)
  /// Whether anybody may see which there are.
  var areListedToAnyone = false
}

/// What the server tells about itself, and to whom.
struct DisclosureSettings: Sendable {
  /// Whether the API is described.
  var docs = true
  /// Who may read the figures; anybody where it is empty.
  var metricsReaders = ClientNetworks()
}
