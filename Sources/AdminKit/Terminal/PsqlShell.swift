import Postgres

/// Runs psql in this terminal.
enum PsqlShell {
  /// - Parameter conninfo: handed over in the environment, where other users can't read the
  ///   password in it.
  /// - Returns: psql's own exit status.
  static func run(conninfo: String, arguments: [String]) throws -> Int32 {
    try ChildProcess.runInTerminal(
      ["psql", "--no-psqlrc"] + arguments, variables: try ConnectionInfo(conninfo).variables,
      package: "postgresql-client")
  }
}
