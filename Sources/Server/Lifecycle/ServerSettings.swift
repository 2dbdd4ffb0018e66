import AdminKit
import Domain
import EventLoop

/// What a server is started with.
public struct ServerSettings: Sendable {
  public var listen: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 8000)]
  /// A libpq URL or `key=value` words; empty for libpq's own PG* variables.
  public var database = ""
  public var limits = HTTPLimits()
  public var passwords = PasswordParameters()
  /// Password hashes that may wait for a thread.
  public var passwordQueue = 256
  public var lifetimes = Lifetimes()
  /// What the signing keys are sealed with; nil for nothing.
  public var seal: Seal?
  public var attempts = Attempts.Limits()
  /// How long a deleted account can be restored.
  public var retention = Duration.seconds(30 * 86_400)
  var proxies = TrustedProxies()
  var origins = Origins()
  /// How codes reach their owners; nil where there is no way.
  public var mail: MailSettings?
  public var oauth: OAuth.Settings?
  /// Of silence on a socket, after which it is asked whether anybody is there.
  public var pingInterval = Duration.seconds(30)
  /// Messages a second that one chat socket may send; 0 for no limit.
  public var chatRate = 20
  public var streams = StreamSettings()
  public var stun = STUNSettings()
  public var logLevel = Log.Level.info
  /// Loops, and threads for password hashes; nil for one a core.
  public var threads: Int?
  /// A statement that runs longer is cancelled.
  public var statementTimeout = Duration.seconds(25)
  /// What runs is given so long when the server ends.
  public var shutdownTimeout = Duration.seconds(30)

  public init() {}

  /// - Parameter text: as in the configuration.
  /// - Throws: what of it isn't understood.
  public mutating func trustProxies(_ text: String) throws(MalformedSetting) {
    proxies = try TrustedProxies(text)
  }

  /// - Parameter text: as in the configuration.
  /// - Throws: what of it isn't understood.
  public mutating func allowOrigins(_ text: String) throws(MalformedSetting) {
    origins = try Origins(text)
  }
}

/// What is configured of streaming sessions.
public struct StreamSettings: Sendable {
  /// For a publisher to come.
  public var openTimeout = Duration.seconds(60)
  /// Whether anybody may see which there are.
  public var areListedToAnyone = false

  public init() {}
}

/// A part of a setting that isn't what it should be.
public struct MalformedSetting: Error, Sendable {
  public let part: String
}
