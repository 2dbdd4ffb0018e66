import Glibc

/// What PostgreSQL tells of itself in `postmaster.pid`, and whether that still holds.
struct Postmaster: Sendable {
  let pid: pid_t
  let dataDirectory: String
  /// Seconds since 1970.
  let started: Int64
  let port: Int
  let socketDirectory: String
  /// `starting`, `ready` or `stopping`.
  let status: String
  /// Whether the file came from elsewhere, with a copy of a running cluster's files. It must not
  /// lead to the cluster they were copied from.
  let isForeign: Bool

  /// Reads the file; nil where there is none, or none that is complete yet.
  init?(of cluster: EmbeddedCluster) {
    guard let text = smallFile(cluster.dataDirectory + "/postmaster.pid") else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 8, let pid = pid_t(lines[0]), pid > 1, let started = Int64(lines[2]),
      let port = Int(lines[3])
    else { return nil }
    (self.pid, self.started, self.port) = (pid, started, port)
    dataDirectory = String(lines[1])
    socketDirectory = String(lines[4])
    status = String(lines[7].prefix { $0 != " " })
    isForeign =
      dataDirectory != cluster.dataDirectory && !isSameFile(dataDirectory, cluster.dataDirectory)
  }

  var socket: String { "\(socketDirectory)/.s.PGSQL.\(port)" }

  /// Whether it takes connections. The socket is asked, because a file survives a crash.
  ///
  /// The kernel refuses a datagram socket here with EPROTOTYPE where a living process has bound the
  /// path, and with ECONNREFUSED where none has; so PostgreSQL needn't make a process for a
  /// connection that nobody wants. Whatever else the answer is, a real connection decides.
  var isServing: Bool {
    guard !isForeign, status == "ready", let address = socketAddress(socket) else { return false }
    if connectionError(to: address, kind: SOCK_DGRAM) == EPROTOTYPE { return true }
    // EAGAIN: it is there, and others wait already.
    return [0, EAGAIN].contains(connectionError(to: address, kind: SOCK_STREAM))
  }

  /// `another`: surely not this cluster's server; `unknown`: perhaps it is.
  enum Identity { case postmaster, gone, another, unknown }

  /// What the process is that the file names.
  func identity(in cluster: EmbeddedCluster) -> Identity { Self.identity(of: pid, in: cluster) }

  /// What a process is whose number a file has. After a crash of the machine the number may belong
  /// to anything.
  static func identity(of pid: pid_t, in cluster: EmbeddedCluster) -> Identity {
    // Where this process is the first of a container, PostgreSQL becomes its child.
    waitpid(pid, nil, WNOHANG)
    guard kill(pid, 0) == 0 || errno == EPERM else { return .gone }
    let folder = "/proc/\(pid)"
    guard let owner = fileStatus(folder)?.st_uid, let home = fileStatus(cluster.dataDirectory)
    else { return .unknown }
    // A dead one that nobody collects, as happens in containers.
    if let line = smallFile("\(folder)/stat"), let name = line.lastIndex(of: ")"),
      line[name...].hasPrefix(") Z")
    {
      return .another
    }
    guard owner == home.st_uid else { return .another }
    if let place = fileStatus("\(folder)/cwd") {
      return place.isSame(as: home) ? .postmaster : .another
    }
    // Root without all of its capabilities may not look there.
    let words = smallFile("\(folder)/cmdline")?.split(separator: "\0") ?? []
    if words.contains(where: { $0 == cluster.dataDirectory }) { return .postmaster }
    return smallFile("\(folder)/comm") == "postgres\n" ? .unknown : .another
  }
}

/// Connects and hangs up; returns the error's number, or 0.
private func connectionError(to address: sockaddr_un, kind: __socket_type) -> CInt {
  let options = kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
  let descriptor = socket(AF_UNIX, CInt(options), 0)
  guard descriptor >= 0 else { return errno }
  defer { close(descriptor) }
  return withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      let size = socklen_t(MemoryLayout<sockaddr_un>.size)
      return connect(descriptor, $0, size) == 0 ? 0 : errno
    }
  }
}

/// The address of a socket in the file system; nil for a path that is too long for one.
private func socketAddress(_ path: String) -> sockaddr_un? {
  guard path.utf8.count <= SocketDirectory.pathLimit else { return nil }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return address
}
