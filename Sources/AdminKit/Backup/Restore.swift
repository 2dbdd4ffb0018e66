import Domain
import Glibc
import Postgres

/// Replaces what is in a database by what is in a backup, in one transaction: whatever happens, it
/// has the one or the other.
struct Restore {
  let conninfo: String
  let file: BackupFile
  let progress: ProgressBar

  /// - Parameters:
  ///   - steps: of the schema that the backup doesn't have yet.
  ///   - isDryRun: whether all of it is undone in the end.
  func run(_ steps: [Migration], isDryRun: Bool) throws {
    let pipe = try Pipe()
    let psql: ClientProgram
    do {
      defer { close(pipe.readEnd) }
      psql = try ClientProgram(
        ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
        conninfo: conninfo, input: pipe.readEnd)
    } catch {
      close(pipe.writeEnd)
      throw error
    }
    let script = DescriptorSink(pipe.writeEnd, name: "psql")
    do {
      try script.write(Array(Self.beginning.utf8))
      try ClientProgram(
        ["pg_restore", "--no-owner", "--no-privileges", "--file=-", file.path],
        conninfo: conninfo, output: pipe.writeEnd
      ).wait { progress.sayTime() }
      // Only here it is known that the backup was whole.
      try script.write(Array(ending(steps, isDryRun: isDryRun).utf8))
      close(pipe.writeEnd)
    } catch {
      psql.interrupt()
      close(pipe.writeEnd)
      // What psql says is the cause, where it has ended before.
      do throws(Failure) {
        try psql.wait()
      } catch let reason where reason.message.contains("ERROR") {
        throw Self.explained(reason)
      } catch {}
      throw error
    }
    do {
      try psql.wait { progress.sayTime() }
    } catch {
      throw Self.explained(error)
    }
  }

  /// How long somebody else's use of the tables is waited for.
  private static let lockTimeout = "10s"

  private static let beginning = """
    BEGIN;
    SET client_min_messages = warning;
    SET lock_timeout = '\(lockTimeout)';
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;

    """

  private func ending(_ steps: [Migration], isDryRun: Bool) -> String {
    var text = "\nSET search_path = public;\n"
    for step in steps {
      let name = step.name.replacing("'", with: "''")
      text += step.sql + "\n"
      text += "INSERT INTO schema_migration (version, name) VALUES (\(step.version), '\(name)');\n"
    }
    // Who served it when it was backed up doesn't now.
    text += "DELETE FROM server;\n"
    return text + (isDryRun ? "ROLLBACK;\n" : "COMMIT;\n")
  }

  private static func explained(_ failure: Failure) -> Failure {
    guard failure.status != .interrupted else { return failure }
    let isLocked = failure.message.contains("lock timeout")
    return Failure(
      failure.status, "nothing was restored: \(failure.message)",
      hint: isLocked ? "somebody works on the database; end what does, and try again" : nil)
  }
}
