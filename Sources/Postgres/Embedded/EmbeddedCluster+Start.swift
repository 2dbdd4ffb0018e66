import EventLoop
import Glibc

extension EmbeddedCluster {
  /// Seconds that PostgreSQL may take to start, which includes replaying its log after a crash.
  private static let startTimeout = 60
  /// How long processes of a server that was killed may take to notice.
  private static let leftoverTimeout = Duration.seconds(15)
  /// Bytes of the log at which the next start begins a new one.
  private static let logLimit: off_t = 16 << 20

  /// Starts the cluster unless it is running. The caller holds `start.lock`.
  func start(
    owner: ServiceAccount, progress: (String) -> Void
  ) throws(EmbeddedClusterError) -> Postmaster {
    if let running = try settle(progress: progress) { return running }
    let server = try ServerInstallation.fitting(dataDirectory)
    let sockets = try SocketDirectory.prepare(for: self, owner: owner)
    try writeSettings(socketDirectory: sockets, owner: owner)
    removeStaleSocket(in: sockets)
    progress("starting PostgreSQL \(server.version)")
    rotateLog()
    let end = ContinuousClock.now + Self.leftoverTimeout
    while true {
      let logged = fileStatus(log)?.st_size ?? 0
      let result = try runStart(server, owner: owner)
      if let postmaster = Postmaster(of: self), postmaster.isServing { return postmaster }
      let output = logText(from: logged)
      // The processes of a server that was killed go as soon as they notice, which may be after a
      // long query, and until then their memory keeps a new one from starting.
      let isOccupied = ["pre-existing shared memory", "\"postmaster.pid\" already exists"]
        .contains { output.contains($0) }
      if isOccupied, ContinuousClock.now < end {
        usleep(100_000)
        endLeftovers(owner: owner)
        continue
      }
      throw startFailure(result, output: output, owner: owner)
    }
  }

  private func runStart(
    _ server: ServerInstallation, owner: ServiceAccount
  ) throws(EmbeddedClusterError) -> ProcessResult {
    // pg_ctl hands what it is told to a shell in double quotes, in which a path's `$` would mean
    // something. So the directory goes by the environment and, to be seen in a list of processes,
    // by an option that is quoted here; and the log by a name that needs no quotes.
    let shown = dataDirectory.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''")
    let command = [
      server.program("pg_ctl"), "start", "--silent", "--wait", "--timeout=\(Self.startTimeout)",
      "--log=log", "--options=-D '\(shown)'",
    ]
    do {
      // pg_ctl looks only ten times a second whether the server is ready, so it works in the
      // background, and is waited for only in case that the server never is.
      return try runProcess(
        arguments: owner.command(in: dataDirectory, inBackground: true, command),
        environment: owner.environment(["PGDATA": dataDirectory]),
        until: { Postmaster(of: self)?.isServing == true })
    } catch {
      throw EmbeddedClusterError("can't start the embedded database", error, path: directory)
    }
  }

  private func startFailure(
    _ result: ProcessResult, output: String, owner: ServiceAccount
  ) -> EmbeddedClusterError {
    let what = "can't start the embedded database in \(directory)"
    if result.stderr.contains("can't cd to") { return unreachable(what, owner: owner) }
    if let postmaster = Postmaster(of: self), postmaster.identity(in: self) == .postmaster {
      return EmbeddedClusterError(
        "\(what): it isn't ready after \(Self.startTimeout) seconds",
        hint: "it goes on starting; \(log) tells how far it is. Try again later")
    }
    // Without a word in the log it was pg_ctl or the shell that failed.
    let words = output.contains("FATAL:") || output.contains("PANIC:") ? output : result.stderr
    return .complaint(what, output: words, path: directory, log: log)
  }

  /// Waits until the cluster either runs or doesn't: somebody else's start or stop may be under
  /// way, left by a process that was killed.
  ///
  /// - Returns: The server that runs; nil when there is none.
  private func settle(
    progress: (String) -> Void
  ) throws(EmbeddedClusterError) -> Postmaster? {
    var told = ""
    var isAsked = false
    let begun = ContinuousClock.now
    while let postmaster = Postmaster(of: self) {
      if postmaster.isServing { return postmaster }
      let identity = postmaster.identity(in: self)
      if identity == .another {
        // PostgreSQL would take whatever has its old number for itself, and refuse to start. What
        // else may be left of it, it finds by its shared memory.
        unlink(dataDirectory + "/postmaster.pid")
      }
      guard identity == .postmaster else { return nil }
      let waited = ContinuousClock.now - begun
      if waited > .seconds(Self.startTimeout) {
        throw EmbeddedClusterError(
          "can't use the embedded database in \(directory): PostgreSQL (process "
            + "\(postmaster.pid)) is \(postmaster.status) and takes no connections",
          hint: "see \(log)")
      }
      if postmaster.status == "ready", waited > .seconds(2), !isAsked {
        // Its socket was removed, with /tmp or by hand, so nobody can reach it any more.
        progress("restarting PostgreSQL, whose socket is gone")
        isAsked = kill(postmaster.pid, SIGINT) == 0
      } else if postmaster.status != told, postmaster.status != "ready" {
        told = postmaster.status
        progress("waiting for PostgreSQL, which is \(told)")
      }
      usleep(5_000)
    }
    return nil
  }

  /// Removes the lock of a socket whose process is gone, though another may have its number now.
  /// The data directory has a lock of its own, so this one keeps nobody from the data.
  private func removeStaleSocket(in directory: String) {
    let lock = "\(directory)/\(SocketDirectory.socketName).lock"
    guard let line = smallFile(lock)?.split(separator: "\n").first, let pid = pid_t(line),
      Postmaster.identity(of: pid, in: self) == .another
    else { return }
    unlink(lock)
  }

  /// Ends what a killed server left, as the server would have after a crash of one of its own.
  private func endLeftovers(owner: ServiceAccount) {
    guard Postmaster(of: self)?.identity(in: self) != .postmaster,
      let place = fileStatus(dataDirectory)
    else { return }
    for pid in (entries(of: "/proc") ?? []).compactMap({ pid_t($0) }) where pid > 1 {
      guard fileStatus("/proc/\(pid)")?.st_uid == owner.uid,
        smallFile("/proc/\(pid)/comm") == "postgres\n",
        let work = fileStatus("/proc/\(pid)/cwd"), work.isSame(as: place)
      else { continue }
      kill(pid, SIGQUIT)
    }
  }

  private func logText(from offset: off_t) -> String {
    guard let file = try? Descriptor(opening: log, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
      return ""
    }
    return (try? file.read(from: offset, limit: 1 << 20)) ?? ""
  }

  private func rotateLog() {
    guard let size = fileStatus(log)?.st_size, size > Self.logLimit else { return }
    rename(log, log + ".old")
  }
}
