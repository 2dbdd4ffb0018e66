import Glibc

extension EmbeddedCluster {
  /// What there is to say about the cluster at this moment.
  public struct State: Sendable {
    /// Whether there is a cluster.
    public let exists: Bool
    /// Whether it takes connections.
    public let isRunning: Bool
    /// The process number of a server that runs.
    public let pid: Int32?
    /// When the server that runs was started, in seconds since 1970.
    public let started: Int64?
    /// The major version that the cluster was made with, such as `15`.
    public let serverVersion: String?
    public let dataDirectory: String
    /// Where the socket of a server that runs lies.
    public let socketDirectory: String?
    /// What the server prints.
    public let log: String
    /// Bytes on disk; nil where there is no cluster or this user may not look.
    public let size: Int64?
  }

  /// Looks at the cluster without starting it. Blocking: it adds up the files, which takes some
  /// milliseconds for a new cluster and longer for a large one.
  public func state() -> State {
    let postmaster = Postmaster(of: self)
    let running = postmaster.flatMap { $0.isServing ? $0 : nil }
    let version = ServerInstallation.dataVersion(of: dataDirectory)
    return State(
      exists: version != nil || fileStatus(dataDirectory) != nil, isRunning: running != nil,
      pid: running?.pid, started: running?.started, serverVersion: version,
      dataDirectory: dataDirectory, socketDirectory: running?.socketDirectory, log: log,
      size: bytes(under: dataDirectory))
  }
}

/// Bytes that a directory and everything in it take on disk; nil where it can't be read. What
/// vanishes meanwhile doesn't count.
private func bytes(under directory: String) -> Int64? {
  guard let names = entries(of: directory) else { return nil }
  var total: Int64 = 0
  for name in names {
    let path = "\(directory)/\(name)"
    var status = stat()
    guard lstat(path, &status) == 0 else { continue }
    // Blocks of stat have 512 bytes whatever the file system's have.
    total += Int64(status.st_blocks) * 512
    if status.st_mode & S_IFMT == S_IFDIR { total += bytes(under: path) ?? 0 }
  }
  return total
}
