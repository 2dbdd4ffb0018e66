import AdminKit
import Domain
import Postgres

/// Which database a command works on: the one that is configured, libpq's own, or the embedded
/// one, which runs for as long as this is held.
final class DatabaseAccess: Sendable {
  /// A libpq URL or words; empty for libpq's PG* variables; nil where none is wanted.
  let conninfo: String?
  private let lease: EmbeddedCluster.Lease?

  /// What a command wants of it.
  enum Need {
    case none
    /// If it has to be started, it isn't there.
    case asItIs
    case running
  }

  init(_ configuration: Configuration, _ need: Need) throws {
    guard need != .none else {
      conninfo = nil
      lease = nil
      return
    }
    let configured = configuration.text("database")
    let isInEnvironment = ["PGHOST", "PGSERVICE", "PGDATABASE"].contains {
      Program.environment($0) != nil
    }
    guard configured.isEmpty, !isInEnvironment else {
      if !configured.isEmpty { _ = try ConnectionInfo(configured) }
      conninfo = configured
      lease = nil
      return
    }
    let terminal = Terminal()
    let cluster = EmbeddedCluster(directory: try EmbeddedCluster.defaultDirectory())
    guard need == .running else {
      lease = cluster.acquireIfRunning()
      conninfo = lease?.connectionString
      return
    }
    let lease = try cluster.acquire { terminal.note("havocctl: \($0)") }
    conninfo = lease.connectionString
    self.lease = lease
  }

  /// Whether the database is the embedded one.
  var isEmbedded: Bool { lease != nil }

  /// The embedded database migrates itself; any other has to be at this program's version.
  func prepareSchema(_ database: Database) async throws {
    let migrator = Migrator(database)
    do {
      try await migrator.check()
    } catch let mismatch as SchemaMismatch {
      guard isEmbedded, case .behind = mismatch else { throw mismatch }
      _ = try await migrator.migrate()
    }
  }

  func release() { lease?.release() }
}
