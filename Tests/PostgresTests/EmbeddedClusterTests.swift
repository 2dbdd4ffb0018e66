import Glibc
import Testing

@testable import Postgres

@Suite(.serialized) struct EmbeddedClusterTests {
  @Test func itIsMadeSharedAndStoppedByTheLast() throws {
    try withCluster { cluster in
      // What an earlier attempt left that was killed.
      try #require(mkdir(cluster.directory + "/postgres.new", 0o700) == 0)
      close(open(cluster.directory + "/postgres.new/PG_VERSION", O_CREAT | O_WRONLY, 0o600))
      #expect(!cluster.state().exists)

      var notes: [String] = []
      let first = try cluster.acquire { notes.append($0) }
      #expect(notes.map { $0.prefix { $0 != " " } } == ["making", "starting"])
      let names = try #require(entries(of: cluster.directory)).sorted()
      #expect(names == ["postgres", "run", "start.lock", "users.lock"])
      let answer = try query(
        """
        select current_user, current_database(), current_setting('data_checksums'),
          current_setting('listen_addresses'), current_setting('fsync')
        """, first)
      #expect(answer == "havocctl|havocctl|on||on")

      let second = try cluster.acquire { Issue.record("a running cluster was not joined: \($0)") }
      #expect(second.connectionString == first.connectionString)
      #expect(first.release() == nil)
      let running = cluster.state()
      #expect(running.isRunning && running.exists && running.size ?? 0 > 1 << 20)
      #expect(running.socketDirectory == cluster.directory + "/run")
      // Neither this process's terminal nor its group reaches the server.
      let pid = try #require(running.pid)
      #expect(getsid(pid) == pid && getpgid(pid) == pid)

      #expect(second.release() == nil)
      #expect(second.release() == nil)
      #expect(!cluster.state().isRunning)
    }
  }

  @Test func manyAtOnceMakeOneCluster() async throws {
    let directory = try temporaryDirectory()
    let cluster = EmbeddedCluster(directory: directory)
    defer { discard(cluster) }
    let leases = try await withThrowingTaskGroup(of: EmbeddedCluster.Lease.self) { group in
      for _ in 0..<8 { group.addTask { try cluster.acquire() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(leases.map(\.connectionString)).count == 1)
    for lease in leases {
      #expect(cluster.state().isRunning)
      #expect(lease.release() == nil)
    }
    #expect(!cluster.state().isRunning)
  }

  @Test func aKilledServerComesBackWithItsData() throws {
    try withCluster { cluster in
      let lease = try cluster.acquire()
      _ = try query("create table kept as select 7 as n", lease)
      let pid = try #require(cluster.state().pid)
      kill(pid, SIGKILL)
      #expect(poll(for: .seconds(60)) { !cluster.state().isRunning })

      let again = try cluster.acquire()
      #expect(try query("select n from kept", again) == "7")
      lease.release()
      #expect(cluster.state().isRunning)
      again.release()

      // After a crash of the machine the server's number may be any process's: here, this one's.
      let lines = [
        "\(getpid())", cluster.dataDirectory, "1", "5432", cluster.directory + "/run", "", "",
        "ready", "",
      ]
      try replaceFile(
        "postmaster.pid", in: cluster.dataDirectory, owner: ServiceAccount.owning(cluster),
        with: lines.joined(separator: "\n"))
      let third = try cluster.acquire()
      #expect(try query("select n from kept", third) == "7")
      #expect(third.release() == nil)
    }
  }

  @Test func aPathThatNoSocketCanHaveGetsAnother() throws {
    try withCluster { parent in
      let name = String(repeating: "x", count: 120) + " '\"$HOME,\\"
      let cluster = EmbeddedCluster(directory: "\(parent.directory)/\(name)/")
      defer { _ = cluster.stop() }
      let lease = try cluster.acquire()
      #expect(try query("select current_setting('data_directory')", lease) == cluster.dataDirectory)
      let sockets = try #require(cluster.state().socketDirectory)
      defer { rmdir(sockets) }
      #expect(sockets.hasSuffix("/havocctl-" + SocketDirectory.hash(cluster.directory)))
      let status = try #require(fileStatus(sockets))
      let owner = try ServiceAccount.owning(cluster)
      #expect(status.st_uid == owner.uid && status.st_mode & 0o7777 == 0o700)
      lease.release()

      // Somebody else has put something of his there.
      rmdir(sockets)
      try #require(symlink("/tmp", sockets) == 0)
      defer { unlink(sockets) }
      let error = #expect(throws: EmbeddedClusterError.self) { try cluster.acquire() }
      #expect(error?.message.contains("it isn't user \(owner.name)'s") == true)
      #expect(!cluster.state().isRunning)
    }
  }

  @Test func whatIsNotOursIsLeftAlone() throws {
    try withCluster { cluster in
      // A cluster of a version that isn't installed.
      try #require(mkdir(cluster.dataDirectory, 0o700) == 0)
      let version = cluster.dataDirectory + "/PG_VERSION"
      let me = try #require(ServiceAccount(uid: geteuid()))
      try replaceFile("PG_VERSION", in: cluster.dataDirectory, owner: me, with: "9.1\n")
      if geteuid() == 0 {
        let postgres = try #require(ServiceAccount(name: "postgres"))
        try #require(chown(cluster.dataDirectory, postgres.uid, postgres.gid) == 0)
      }
      var error = #expect(throws: EmbeddedClusterError.self) { try cluster.acquire() }
      #expect(error?.message.contains("PostgreSQL 9.1 made \(cluster.dataDirectory)") == true)
      #expect(error?.hint?.contains("apt-get install postgresql-9.1") == true)
      #expect(smallFile(version) == "9.1\n")
      // Files of something else.
      try #require(rename(version, cluster.dataDirectory + "/notes") == 0)
      error = #expect(throws: EmbeddedClusterError.self) { try cluster.acquire() }
      #expect(error?.message.contains("isn't empty") == true)
      #expect(entries(of: cluster.dataDirectory) == ["notes"])
      // A place that can't be.
      let impossible = EmbeddedCluster(directory: cluster.dataDirectory + "/notes/x")
      error = #expect(throws: EmbeddedClusterError.self) { try impossible.acquire() }
      #expect(error?.message.contains("Not a directory") == true)
    }
  }

  @Test func complaintsSayWhatAndWhatToDo() {
    let full = EmbeddedClusterError.complaint(
      "can't start",
      output: """
        2026-01-02 [7] LOG:  starting
        2026-01-02 [7] FATAL:  could not write "pid": No space left on device
        2026-01-02 [7] PANIC:  cannot abort transaction 1, it was already committed
        """, path: "/tmp")
    #expect(full.message == "can't start: could not write \"pid\": No space left on device")
    #expect(full.hint?.contains("free on the file system of /tmp") == true)
    let hinted = EmbeddedClusterError.complaint(
      "can't start", output: "x FATAL:  no memory\nx DETAIL:  none\nx HINT:  buy some",
      path: "/tmp")
    #expect(hinted.description == "can't start: no memory (none) (buy some)")
    let settings = EmbeddedClusterError.complaint(
      "can't start", output: "x LOG:  syntax error in line 1\nx FATAL:  file \"f\" contains errors",
      path: "/tmp", log: "/log")
    #expect(settings.description == "can't start: syntax error in line 1 (see /log)")
  }

  @Test func programsRunApart() throws {
    let shell = { (script: String, input: String) in
      try runProcess(
        arguments: ["/bin/sh", "-c", script], environment: ["WORD": "well"], input: input)
    }
    let result = try shell("cat; echo \"$WORD\" >&2; exit 3", "given")
    #expect(result.status == 3 && result.stdout == "given" && result.stderr == "well\n")
    #expect(try shell("kill -9 $$", "").status == 128 + SIGKILL)
    // More than a pipe holds, on both.
    let long = try shell("head -c 300000 /dev/zero; head -c 3000000 /dev/zero >&2", "")
    #expect(long.stdout.utf8.count == 300_000)
    #expect(long.stderr.utf8.count == ProcessResult.outputLimit)
    // A daemon that keeps the output open isn't waited for, and a descriptor doesn't leak.
    let leak = open("/dev/null", O_RDONLY)
    defer { close(leak) }
    let told = try shell("sleep 600 & echo $!; test -e /proc/$$/fd/\(leak) && echo leaked", "")
    let daemon = try #require(pid_t(told.stdout.dropLast()), "\(told.stdout)")
    #expect(kill(daemon, SIGKILL) == 0)
    #expect(throws: (any Error).self) {
      try runProcess(arguments: ["/nonexistent"], environment: [:])
    }
  }
}

/// A directory that every user can reach, because root's server runs as another.
private func temporaryDirectory() throws -> String {
  var name = Array("/tmp/havocctl-test-XXXXXX".utf8CString)
  let made = try #require(mkdtemp(&name))
  chmod(made, 0o755)
  return String(cString: made)
}

/// Stops whatever a test left running, and removes it.
private func discard(_ cluster: EmbeddedCluster) {
  _ = cluster.stop()
  _ = try? runProcess(
    arguments: ["rm", "-rf", cluster.directory], environment: ["PATH": "/usr/bin:/bin"])
}

private func withCluster(_ body: (EmbeddedCluster) throws -> Void) throws {
  let cluster = EmbeddedCluster(directory: try temporaryDirectory())
  defer { discard(cluster) }
  try body(cluster)
}

private func query(_ sql: String, _ lease: EmbeddedCluster.Lease) throws -> String {
  let result = try runProcess(
    arguments: ["psql", "-XqAt", "-c", sql, lease.connectionString],
    environment: ["PATH": "/usr/bin:/bin"])
  #expect(result.status == 0, "\(result.stderr)")
  return String(result.stdout.prefix { $0 != "\n" })
}
