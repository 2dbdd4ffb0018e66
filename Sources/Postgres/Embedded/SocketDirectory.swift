import EventLoop
import Glibc

/// Where the cluster's socket lies.
enum SocketDirectory {
  /// Bytes that the path of a Unix socket may have.
  static let pathLimit = 107

  /// The name of the socket in its directory.
  static let socketName = ".s.PGSQL.\(EmbeddedCluster.port)"

  /// Makes the directory that only the cluster's owner may enter, and returns its path.
  ///
  /// It is `run` in the state directory. Where that path is too long for a socket, or has a comma,
  /// at which libpq would cut it in two, it is a directory named by a hash of the state directory
  /// where the system keeps such things.
  static func prepare(
    for cluster: EmbeddedCluster, owner: ServiceAccount
  ) throws(EmbeddedClusterError) -> String {
    let path = choose(for: cluster, owner: owner)
    do {
      try makePrivateDirectory(path, owner: owner)
    } catch {
      let what = "can't make the directory \(path) for the embedded database's socket"
      if [EPERM, ENOTDIR, ELOOP, EACCES].contains(error.code), fileExists(path) {
        throw EmbeddedClusterError(
          "\(what): there is one, and it isn't user \(owner.name)'s",
          hint: "find out whose it is and remove it, or give another, shorter STATE_DIRECTORY")
      }
      throw EmbeddedClusterError(what, error, path: path)
    }
    return path
  }

  static func choose(for cluster: EmbeddedCluster, owner: ServiceAccount) -> String {
    let own = cluster.directory + "/run"
    if "\(own)/\(socketName)".utf8.count <= pathLimit, !own.contains(",") { return own }
    let name = "havocctl-" + hash(cluster.directory)
    let session = "/run/user/\(owner.uid)"
    if fileStatus(session)?.st_uid == owner.uid { return "\(session)/\(name)" }
    return (geteuid() == 0 ? "/run/" : "/tmp/") + name
  }

  /// 64 bits of FNV-1a in hex, the same in every process.
  static func hash(_ text: String) -> String {
    let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
