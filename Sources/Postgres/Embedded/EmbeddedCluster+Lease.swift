import Glibc

extension EmbeddedCluster {
  /// The right to use the running cluster. Keep it for as long as the connections last and then
  /// call `release`; the lease of a process that dies ends by itself, but then nobody stops the
  /// cluster before the next one leaves.
  public final class Lease: Sendable {
    /// How libpq reaches the cluster: `host='/srv/havocctl/run' port=5432 user=havocctl
    /// dbname=havocctl`, and an empty hostaddr so that the environment's PGHOSTADDR doesn't lead
    /// elsewhere.
    public let connectionString: String

    private let cluster: EmbeddedCluster
    private let users: LockFile

    init(cluster: EmbeddedCluster, users: LockFile, postmaster: Postmaster) {
      self.cluster = cluster
      self.users = users
      let host = postmaster.socketDirectory
      connectionString =
        "host=\(quoted(host)) hostaddr='' port=\(postmaster.port) user=\(EmbeddedCluster.name) "
        + "dbname=\(EmbeddedCluster.name)"
    }

    /// Ends the lease. The last holder stops the cluster, which takes some 20 ms and with much to
    /// write longer; others leave it running. Blocking. A second call does no harm.
    ///
    /// - Returns: Why the cluster couldn't be stopped, if so. It's left running then, and the lease
    ///   has ended all the same.
    @discardableResult
    public func release() -> EmbeddedClusterError? {
      // It exists: this process opened it, or whoever started the cluster did. Without it nobody
      // can tell who else is about to start the cluster.
      guard let starting = LockFile(existing: cluster.startLock),
        starting.lockExclusively(timeout: EmbeddedCluster.turnTimeout, onWait: {})
      else {
        users.unlock()
        return EmbeddedClusterError(
          "can't tell whether the embedded database is still used: \(cluster.startLock) can't be "
            + "locked", hint: "see who holds it with: fuser -v '\(cluster.startLock)'")
      }
      defer { starting.unlock() }
      users.unlock()
      guard users.tryLock(.exclusive) else { return nil }
      defer { users.unlock() }
      return cluster.stop()
    }
  }
}

extension EmbeddedCluster {
  /// How long a checkpoint and the end of every session may take.
  private static let stopTimeout = Duration.seconds(60)

  /// Stops the cluster as `pg_ctl stop -m fast` does: with SIGINT, at which PostgreSQL ends every
  /// session and writes a checkpoint. The caller holds `start.lock` and `users.lock` alone.
  ///
  /// It is done without pg_ctl, which looks only ten times a second and may be gone by now.
  ///
  /// - Returns: Why it couldn't be stopped, if so.
  func stop() -> EmbeddedClusterError? {
    guard let postmaster = Postmaster(of: self) else { return nil }
    // Never by the number alone, which may be somebody else's by now.
    switch postmaster.identity(in: self) {
    case .gone, .another: return nil
    case .unknown:
      return EmbeddedClusterError(
        "can't stop the embedded database: process \(postmaster.pid) isn't known to be PostgreSQL",
        hint: "stop it with: pg_ctl stop -D '\(dataDirectory)'")
    case .postmaster: break
    }
    guard kill(postmaster.pid, SIGINT) == 0 || errno == ESRCH else {
      let why = String(cString: strerror(errno))
      return EmbeddedClusterError(
        "can't stop the embedded database (process \(postmaster.pid)): \(why)")
    }
    // Removing its file is the last thing that it does; where it crashes, it leaves the file.
    let isStopped = poll(for: Self.stopTimeout) {
      Postmaster(of: self)?.pid != postmaster.pid
        || postmaster.identity(in: self) != .postmaster
    }
    if isStopped { return nil }
    return EmbeddedClusterError(
      "can't stop the embedded database: it is still stopping after "
        + "\(Self.stopTimeout.components.seconds) seconds", hint: "see \(log)")
  }
}

/// A value for a libpq connection string.
private func quoted(_ value: String) -> String {
  var text = "'"
  for character in value.unicodeScalars {
    if character == "'" || character == "\\" { text.unicodeScalars.append("\\") }
    text.unicodeScalars.append(character)
  }
  return text + "'"
}
