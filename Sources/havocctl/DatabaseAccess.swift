import AdminKit
import Domain
import Postgres

/// Which database a command works on: the one that is configured, libpq's own, or the embedded
/// one, which runs for as long as this is held.
final class DatabaseAccess: Sendable {
  /// A libpq URL or words; empty for libpq's PG* variables; nil where none is wanted.
  let conninfo: String?
  private let lease: EmbeddedCluster.Lease?
  /// Why it can't be had.
  let fault: (any Error)?

  /// What a command wants of it.
  enum Need {
    case none
    /// If it has to be started, it isn't there.
    case asItIs
    case running
    /// If it can't be had, that is worth knowing.
    case ifPossible
  }

  init(_ configuration: Configuration, _ need: Need) throws {
    do {
      (conninfo, lease) = try Self.find(configuration, need)
      (fault, isEmbedded) = (nil, lease != nil)
    } catch {
      guard need == .ifPossible else { throw error }
      (conninfo, lease) = (nil, nil)
      (fault, isEmbedded) = (error, error is EmbeddedClusterError)
    }
  }

  private static func find(
    _ configuration: Configuration, _ need: Need
  ) throws -> (conninfo: String?, EmbeddedCluster.Lease?) {
    guard need != .none else { return (nil, nil) }
    let configured = configuration.text("database")
    let isInEnvironment = ["PGHOST", "PGSERVICE", "PGDATABASE"].contains {
      Program.environment($0) != nil
    }
    guard configured.isEmpty, !isInEnvironment else {
      do {
        if !configured.isEmpty { _ = try ConnectionInfo(configured) }
        return (configured, nil)
      } catch {
        guard need == .asItIs else { throw error }
        return (nil, nil)
      }
    }
    guard need != .asItIs else {
      let directory = try? EmbeddedCluster.defaultDirectory()
      let lease = directory.flatMap { EmbeddedCluster(directory: $0).acquireIfRunning() }
      return (lease?.connectionString, lease)
    }
    let terminal = Terminal()
    let cluster = EmbeddedCluster(directory: try EmbeddedCluster.defaultDirectory())
    let lease = try cluster.acquire { terminal.note("havocctl: \($0)") }
    return (lease.connectionString, lease)
  }

  /// Whether the database is the embedded one, also where it can't be had.
  let isEmbedded: Bool

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

  /// Starts the embedded database again where it isn't running any more. Blocking.
  func revive() throws {
    guard isEmbedded else { return }
    // The lease that is held already keeps it running.
    try EmbeddedCluster(directory: try EmbeddedCluster.defaultDirectory()).acquire().release()
  }

  func release() { lease?.release() }
}
