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
  public var logLevel = Log.Level.info
  /// Loops, and threads for password hashes; nil for one a core.
  public var threads: Int?
  /// A statement that runs longer is cancelled.
  public var statementTimeout = Duration.seconds(25)
  /// What runs is given so long when the server ends.
  public var shutdownTimeout = Duration.seconds(30)

  public init() {}
}
