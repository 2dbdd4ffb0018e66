import Glibc
import Synchronization

@testable import Postgres

/// The PostgreSQL that tests run against: the one that HAVOCCTL_TEST_DATABASE names, or else a
/// cluster that is made for this process and goes with it.
public enum TestServer {
  /// libpq's keywords and their values.
  private static let words: Result<[String: String], any Error> = Result {
    let text: String
    if let given = getenv("HAVOCCTL_TEST_DATABASE") {
      text = String(cString: given)
    } else {
      text = try startCluster()
    }
    var words: [String: String] = [:]
    for (variable, value) in try ConnectionInfo(text).variables {
      if let keyword = keywords[variable] { words[keyword] = value }
    }
    return words
  }

  private static let keywords = [
    "PGHOST": "host", "PGHOSTADDR": "hostaddr", "PGPORT": "port", "PGUSER": "user",
    "PGPASSWORD": "password", "PGDATABASE": "dbname", "PGSSLMODE": "sslmode",
  ]

  /// How libpq reaches the server, with other values for some keywords.
  public static func conninfo(_ changes: [String: String] = [:]) throws -> String {
    try words.get().merging(changes) { $1 }.map { keyword, value in
      let escaped = value.map { "'\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
      return "\(keyword)='\(escaped)'"
    }.joined(separator: " ")
  }

  /// For a database of a test's own, which waits where the machine does other things too.
  public static func options(_ changes: [String: String] = [:]) throws -> Database.Options {
    var options = Database.Options(conninfo: try conninfo(changes))
    options.connectTimeout = .seconds(60)
    return options
  }

  /// The path of the server's socket.
  public static func socket() throws -> String {
    let words = try words.get()
    return "\(words["host"] ?? "/var/run/postgresql")/.s.PGSQL.\(words["port"] ?? "5432")"
  }

  // MARK: A cluster of one's own

  private static let lease = Mutex<EmbeddedCluster.Lease?>(nil)

  private static var directory: String { "/tmp/havocctl-unit-\(getpid())" }

  private static func startCluster() throws -> String {
    let acquired = try EmbeddedCluster(directory: directory).acquire()
    lease.withLock { $0 = acquired }
    atexit { TestServer.stopCluster() }
    return acquired.connectionString
  }

  private static func stopCluster() {
    lease.withLock { $0.take() }?.release()
    _ = try? runProcess(
      arguments: ["rm", "-rf", directory], environment: ["PATH": "/usr/bin:/bin"])
  }
}
