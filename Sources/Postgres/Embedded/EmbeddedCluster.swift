import EventLoop
import Glibc

/// A private PostgreSQL cluster that is made with the installed server's own programs, runs for as
/// long as somebody uses it, and is reached on a Unix socket only.
///
/// In the state directory lie `postgres` (PostgreSQL's data directory, with its `log`), `run` (the
/// socket), `users.lock` (each process that uses the cluster holds a shared lock on it) and
/// `start.lock` (whoever starts or stops the cluster holds it alone).
public struct EmbeddedCluster: Sendable {
  /// The state directory, as an absolute path.
  public let directory: String

  /// PostgreSQL's port number, which only names the socket: the directory is the cluster's own.
  static let port = 5432
  /// The role and the database, both of this name.
  static let name = "havocctl"

  /// - Parameter directory: The state directory; it needn't exist. A relative path counts from the
  ///   working directory of now.
  public init(directory: String) {
    var path = directory
    if !path.hasPrefix("/"), let here = getcwd(nil, 0) {
      path = String(cString: here) + "/" + path
      free(here)
    }
    while path.hasSuffix("/"), path != "/" { path.removeLast() }
    self.directory = path
  }

  /// Where the cluster is unless somebody says otherwise: `$STATE_DIRECTORY` (the first one, where
  /// a service manager gives several), `/var/lib/havocctl` for root, and else
  /// `${XDG_DATA_HOME:-~/.local/share}/havocctl`.
  ///
  /// - Throws: Where an ordinary user has no home.
  public static func defaultDirectory() throws(EmbeddedClusterError) -> String {
    if let given = environmentVariable("STATE_DIRECTORY")?.split(separator: ":").first {
      return String(given)
    }
    if geteuid() == 0 { return "/var/lib/havocctl" }
    // A relative one is to be ignored, says the base directory specification.
    if let data = environmentVariable("XDG_DATA_HOME"), data.hasPrefix("/") {
      return data + "/havocctl"
    }
    let home = environmentVariable("HOME") ?? ServiceAccount(uid: geteuid())?.home
    guard let home, home.hasPrefix("/") else {
      throw EmbeddedClusterError(
        "can't place the embedded database: user \(geteuid()) has no home directory",
        hint: "set STATE_DIRECTORY to a directory, or name a database with --database")
    }
    return (home == "/" ? "" : home) + "/.local/share/havocctl"
  }

  /// PostgreSQL's data directory.
  var dataDirectory: String { directory + "/postgres" }
  /// What PostgreSQL prints; the last file before this one is `log.old`.
  var log: String { dataDirectory + "/log" }
  var usersLock: String { directory + "/users.lock" }
  var startLock: String { directory + "/start.lock" }

  /// How long somebody else's starting or stopping is waited for.
  static let turnTimeout = Duration.seconds(180)

  /// Makes the cluster where there is none, starts it where it isn't running, and keeps it running
  /// until the lease ends. Blocking: a fifth of a millisecond for a running cluster, some 40 ms to
  /// start one, a second or two to make one.
  ///
  /// Any number of processes and of calls in one process may do so at once. After the cluster was
  /// lost (somebody killed it), another call brings it back, also while an older lease is held.
  ///
  /// - Parameter progress: Called before anything that takes time, with what it is: `starting
  ///   PostgreSQL 15`.
  /// - Throws: What failed, why, and what to do. Nothing half made is left, and existing data are
  ///   never touched.
  public func acquire(
    progress: (String) -> Void = { _ in }
  ) throws(EmbeddedClusterError) -> Lease {
    if let lease = acquireIfRunning() { return lease }
    try checkPath()
    let owner = try ServiceAccount.owning(self)
    let starting = try lockFile(startLock, owner: owner)
    let isMyTurn = starting.lockExclusively(timeout: Self.turnTimeout) {
      progress("waiting for another process that starts or stops the database")
    }
    guard isMyTurn else {
      throw EmbeddedClusterError(
        "can't start the embedded database in \(directory): another process has been starting or "
          + "stopping it for \(Self.turnTimeout.components.seconds) seconds",
        hint: "see who holds it with: fuser -v '\(startLock)'")
    }
    defer { starting.unlock() }
    let users = try lockFile(usersLock, owner: owner)
    guard users.tryLock(.shared) else {
      throw EmbeddedClusterError(
        "can't use the embedded database in \(directory): another program has locked \(usersLock)",
        hint: "see who holds it with: fuser -v '\(usersLock)'")
    }
    try create(owner: owner, holding: starting, progress: progress)
    let postmaster = try start(owner: owner, progress: progress)
    return Lease(cluster: self, users: users, postmaster: postmaster)
  }

  /// A lease on a cluster that is running already; nil where anything more has to be done.
  ///
  /// The lock comes before the look: whoever stops the cluster has to have it alone, so what is
  /// seen to run then goes on running.
  public func acquireIfRunning() -> Lease? {
    guard let users = LockFile(existing: usersLock), users.tryLock(.shared),
      let postmaster = Postmaster(of: self), postmaster.isServing
    else { return nil }
    return Lease(cluster: self, users: users, postmaster: postmaster)
  }

  private func checkPath() throws(EmbeddedClusterError) {
    let isControl = { (unit: UInt8) in unit < 0x20 || unit == 0x7f }
    guard directory.hasPrefix("/"), !directory.utf8.contains(where: isControl) else {
      throw EmbeddedClusterError(
        "can't use \(directory.debugDescription) as the state directory: it must be an absolute "
          + "path without control characters")
    }
  }

  /// Opens a lock file of the state directory, making both where they are missing.
  private func lockFile(
    _ path: String, owner: ServiceAccount
  ) throws(EmbeddedClusterError) -> LockFile {
    do {
      // Root's is open to those who run PostgreSQL; the parts that are private are so by themselves.
      try makeDirectories(directory, mode: geteuid() == 0 ? 0o755 : 0o700)
    } catch {
      throw EmbeddedClusterError("can't make the directory \(directory)", error, path: directory)
    }
    do {
      return try LockFile(path: path, owner: owner)
    } catch {
      throw EmbeddedClusterError("can't open \(path)", error, path: directory)
    }
  }
}
