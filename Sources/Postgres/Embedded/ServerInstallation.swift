import EventLoop
import Glibc

/// An installed PostgreSQL server.
struct ServerInstallation: Sendable {
  /// The directory of its programs.
  let programs: String
  /// As PG_VERSION has it: `15`, or `9.6` before 10.
  let version: String

  func program(_ name: String) -> String { "\(programs)/\(name)" }

  /// The server that fits a data directory: the one that made it, or the newest for a new one.
  ///
  /// - Parameter dataDirectory: It needn't exist.
  static func fitting(_ dataDirectory: String) throws(EmbeddedClusterError) -> ServerInstallation {
    let made = dataVersion(of: dataDirectory)
    let packaged = packaged()
    if let fit = packaged.first(where: { made == nil || $0.version == made }) { return fit }
    // PATH is asked last, because that takes running a program.
    let searched = onPath()
    if let searched, made == nil || searched.version == made { return searched }
    var installed = packaged.map(\.version)
    if let version = searched?.version, !installed.contains(version) { installed.append(version) }
    guard let made, !installed.isEmpty else {
      throw EmbeddedClusterError(
        "can't \(made == nil ? "make" : "start") the embedded database: no PostgreSQL server is "
          + "installed",
        hint: "apt-get install \(made.map { "postgresql-\($0)" } ?? "postgresql")"
          + ", or name a database with --database")
    }
    throw EmbeddedClusterError(
      "can't start the embedded database: PostgreSQL \(made) made \(dataDirectory), and "
        + "installed is only \(installed.joined(separator: ", "))",
      hint: "apt-get install postgresql-\(made); to move to another version, back up with "
        + "PostgreSQL \(made) (havocctl db backup) and restore into a new state directory")
  }

  /// What PG_VERSION says; nil where there is no cluster.
  static func dataVersion(of dataDirectory: String) -> String? {
    guard let text = smallFile(dataDirectory + "/PG_VERSION", limit: 64) else { return nil }
    let version = text.prefix { $0 != "\n" }
    return version.isEmpty ? "?" : String(version)
  }

  /// What Debian's packages installed, the newest first.
  private static func packaged() -> [ServerInstallation] {
    let root = "/usr/lib/postgresql"
    return (entries(of: root) ?? [])
      .map { ServerInstallation(programs: "\(root)/\($0)/bin", version: $0) }
      .filter { $0.isComplete && !$0.order.isEmpty }
      .sorted { $1.order.lexicographicallyPrecedes($0.order) }
  }

  private static func onPath() -> ServerInstallation? {
    for directory in (environmentVariable("PATH") ?? "").split(separator: ":") {
      let programs = String(directory)
      guard programs.hasPrefix("/"),
        ServerInstallation(programs: programs, version: "").isComplete,
        let answer = try? runProcess(
          arguments: ["\(programs)/postgres", "--version"], environment: ["LC_ALL": "C"])
      else { continue }
      // "postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)", "postgres (PostgreSQL) 17beta1"
      let words = answer.stdout.split(separator: " ")
      guard answer.status == 0, words.count > 2 else { continue }
      let number = words[2].prefix { $0.isNumber || $0 == "." }.split(separator: ".")
      guard let major = number.first.flatMap({ Int($0) }) else { continue }
      let version = number.prefix(major < 10 ? 2 : 1).joined(separator: ".")
      return ServerInstallation(programs: programs, version: version)
    }
    return nil
  }

  private var isComplete: Bool {
    ["initdb", "pg_ctl", "postgres"].allSatisfy { access(program($0), X_OK) == 0 }
  }

  /// The version's numbers; empty for a directory that isn't named by one.
  private var order: [Int] {
    let parts = version.split(separator: ".").map { Int($0) }
    return parts.contains(nil) ? [] : parts.compactMap { $0 }
  }
}
