import Glibc
import Postgres

/// Runs psql in this terminal.
enum PsqlShell {
  /// - Parameter conninfo: handed over in the environment, where other users can't read the
  ///   password in it.
  /// - Returns: psql's own exit status.
  static func run(conninfo: String, arguments: [String]) throws -> Int32 {
    let words = ["psql", "--no-psqlrc"] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    argv.append(nil)
    defer { for word in argv { free(word) } }
    let connection = try ConnectionInfo(conninfo)
    for (name, value) in connection.variables { setenv(name, value, 1) }
    var child: pid_t = 0
    let status = posix_spawnp(&child, "psql", nil, nil, argv, environ)
    guard status == 0 else {
      throw Failure(
        .failed, "psql can't be started: \(String(cString: strerror(status)))",
        hint: "apt-get install postgresql-client")
    }
    // Ctrl-C is psql's: it stops the query there.
    signal(SIGINT, SIG_IGN)
    var result: CInt = 0
    while waitpid(child, &result, 0) < 0, errno == EINTR {}
    return result & 0x7F == 0 ? (result >> 8) & 0xFF : 128 + (result & 0x7F)
  }
}
