import Domain
import Glibc
import Postgres

/// A backup as pg_dump writes it (its custom format), seen from outside.
struct BackupFile {
  let path: String
  /// What is in it, an entry a line, as pg_restore lists it.
  private let entries: [Substring]

  /// - Throws: `notFound`, or that it is no backup of this program's.
  init(_ path: String, conninfo: String) throws {
    self.path = path
    // Whether it is there and readable is told better here.
    _ = try InputFile(path)
    do {
      entries = try ClientProgram.output(["pg_restore", "--list", path], conninfo: conninfo)
        .split(separator: "\n")
    } catch let failure as Failure {
      throw Failure(
        failure.status, "\(path) isn't a backup: \(failure.message)",
        hint: "backups are made by havocctl db backup")
    }
    guard ["schema_migration", "account"].allSatisfy({ hasTable($0) }) else {
      throw Failure(
        .failed, "\(path) is a backup of another program's database",
        hint: "backups are made by havocctl db backup")
    }
  }

  private func hasTable(_ name: String) -> Bool {
    entries.contains { $0.contains(" TABLE public \(name) ") }
  }

  var tables: Int { entries.count { $0.contains(" TABLE DATA ") } }

  /// The schema's version in it.
  func schemaVersion(conninfo: String) throws -> Int {
    let text = try ClientProgram.output(
      ["pg_restore", "--data-only", "--table=schema_migration", "--file=-", path],
      conninfo: conninfo)
    let versions = text.split(separator: "\n").drop { !$0.hasPrefix("COPY ") }.dropFirst()
      .prefix { $0 != "\\." }
      .compactMap { $0.split(separator: "\t").first.flatMap { Int($0) } }
    guard let newest = versions.max() else {
      throw Failure(.failed, "\(path) doesn't tell the version of its schema")
    }
    return newest
  }
}
