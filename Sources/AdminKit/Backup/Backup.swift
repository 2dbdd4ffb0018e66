import Domain
import Glibc
import Postgres

/// Writes a database to a file, and proves that it can be had back from there.
struct Backup {
  /// How far a file was tried.
  enum Check: String {
    /// It was restored into a database of its own.
    case restored
    /// It was read to its end.
    case read
    case none
  }

  let conninfo: String
  let database: any Querying
  let note: (String) -> Void
  let progress: ProgressBar

  /// - Returns: what is in the file.
  /// - Throws: where a file is there already, unless it may be replaced. Nothing is left then.
  func write(to path: String, replaces: Bool, isChecked: Bool) async throws -> (
    file: BackupFile, bytes: Int, check: Check
  ) {
    guard replaces || access(path, F_OK) != 0 else {
      throw Failure(.exists, "\(path) is there already", hint: "--force replaces it")
    }
    let new = try NewFile(path)
    do {
      try ClientProgram(
        ["pg_dump", "--format=custom", "--no-owner"], conninfo: conninfo, output: new.descriptor
      ).wait { progress.show(bytes: (try? InputFile(new.temporary).size) ?? 0) }
    } catch let failure as Failure where failure.status != .interrupted {
      throw Failure(
        failure.status, "\(path) can't be written: \(failure.message)", hint: failure.hint)
    }
    try new.sync()
    let file = try BackupFile(new.temporary, conninfo: conninfo)
    let check = isChecked ? try await self.check(file) : .none
    try new.finish()
    return (file, try InputFile(path).size ?? 0, check)
  }

  private func check(_ file: BackupFile) async throws -> Check {
    let scratch = "havocctl_check_\(Secrets.random(6).hex)"
    do {
      try await database.query(.once("CREATE DATABASE \(scratch) TEMPLATE template0"))
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      note("this role may not make databases, so the file is only read to its end")
      try ClientProgram(["pg_restore", "--file=/dev/null", file.path], conninfo: conninfo).wait {
        progress.say("reading it to its end")
      }
      return .read
    }
    let restored = Result {
      try ClientProgram(
        [
          "pg_restore", "--exit-on-error", "--no-owner", "--no-privileges",
          "--dbname=\(scratch)", file.path,
        ], conninfo: conninfo, database: scratch
      ).wait { progress.say("restoring it to prove it") }
    }
    // Ctrl-C has ended what was restored, and must not end this too.
    let wasInterrupted = Interrupt.isRaised
    Interrupt.clear()
    try await database.query(.once("DROP DATABASE \(scratch) WITH (FORCE)"))
    if wasInterrupted { throw Interrupt.failure }
    do {
      try restored.get()
    } catch let failure as Failure where failure.status != .interrupted {
      throw Failure(
        failure.status, "the backup doesn't restore, and was removed: \(failure.message)")
    }
    return .restored
  }
}
