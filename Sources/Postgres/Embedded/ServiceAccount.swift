import Glibc

/// The user that the cluster belongs to and PostgreSQL runs as.
struct ServiceAccount: Sendable {
  let uid: uid_t
  let gid: gid_t
  let name: String
  let home: String

  /// Finds a user by number; nil when the user database has none, which PostgreSQL wouldn't have.
  init?(uid: uid_t) {
    self.init { entry, buffer, size, found in getpwuid_r(uid, entry, buffer, size, found) }
  }

  /// Finds a user by name.
  init?(name: String) {
    self.init { entry, buffer, size, found in getpwnam_r(name, entry, buffer, size, found) }
  }

  private init?(
    _ look: (
      UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> CInt
  ) {
    var size = 4_096
    while true {
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      var words = ("", "")
      let code = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer -> CInt in
        guard let start = buffer.baseAddress else { return ENOMEM }
        let code = look(&entry, start, buffer.count, &found)
        // The strings lie in the buffer and go with it.
        if code == 0, found != nil, let name = entry.pw_name, let home = entry.pw_dir {
          words = (String(cString: name), String(cString: home))
        }
        return code
      }
      // A directory service may know more about a user than fits.
      if code == ERANGE, size < 1 << 20 {
        size *= 4
        continue
      }
      guard code == 0, found != nil else { return nil }
      (uid, gid, name, home) = (entry.pw_uid, entry.pw_gid, words.0, words.1)
      return
    }
  }

  /// Who a cluster in this place belongs to, or is to belong to.
  ///
  /// An ordinary user's cluster is his own. PostgreSQL refuses to run as root, so root runs it as
  /// whoever owns the cluster; without a cluster as the state directory's owner, which a service
  /// manager may have given to a user of its own, and else as `postgres`.
  static func owning(_ cluster: EmbeddedCluster) throws(EmbeddedClusterError) -> ServiceAccount {
    let owner = fileStatus(cluster.dataDirectory)?.st_uid
    let caller = geteuid()
    if caller != 0 {
      guard owner == nil || owner == caller else {
        let name = owner.flatMap { ServiceAccount(uid: $0)?.name } ?? owner.map { "\($0)" } ?? "?"
        throw EmbeddedClusterError(
          "can't use the embedded database in \(cluster.directory): it belongs to user \(name)",
          hint: "run this as \(name) or as root, or set STATE_DIRECTORY to a directory of your own")
      }
      return try known(caller)
    }
    if let owner, owner != 0 { return try known(owner) }
    if owner == 0, fileStatus(cluster.dataDirectory + "/PG_VERSION") != nil {
      throw EmbeddedClusterError(
        "can't start the embedded database: \(cluster.dataDirectory) belongs to root, and "
          + "PostgreSQL refuses to run as root",
        hint: "chown -R postgres: '\(cluster.dataDirectory)'")
    }
    if let parent = fileStatus(cluster.directory)?.st_uid, parent != 0 { return try known(parent) }
    guard let postgres = ServiceAccount(name: "postgres") else {
      throw EmbeddedClusterError(
        "can't run PostgreSQL: it refuses to run as root, and there is no user postgres",
        hint: "apt-get install postgresql (which makes that user), or run havocctl as an ordinary "
          + "user")
    }
    return postgres
  }

  private static func known(_ uid: uid_t) throws(EmbeddedClusterError) -> ServiceAccount {
    guard let account = ServiceAccount(uid: uid) else {
      throw EmbeddedClusterError(
        "can't run PostgreSQL as user \(uid): the user database doesn't have that number",
        hint: "add the user to /etc/passwd, or name a database with --database")
    }
    return account
  }

  /// A command that runs as this user in a directory.
  ///
  /// The shell changes the directory after the user was changed: the caller's own may be closed to
  /// that user, and PostgreSQL's programs fail where they can't tell where they are.
  ///
  /// - Parameter inBackground: Whether the command is left working and has no parent any more.
  func command(
    in directory: String, inBackground: Bool = false, _ words: [String]
  ) -> [String] {
    let script = "cd -- \"$0\" && " + (inBackground ? "{ \"$@\" & }" : "exec \"$@\"")
    let moved = ["/bin/sh", "-c", script, directory] + words
    guard geteuid() == 0 else { return moved }
    // Root's PATH may lack the sbin directories, as it does after a plain su.
    let places = ["/usr/sbin/runuser", "/sbin/runuser", "/usr/bin/runuser"]
    let runuser = places.first { access($0, X_OK) == 0 } ?? "runuser"
    return [runuser, "-u", name, "--"] + moved
  }

  /// The environment of PostgreSQL's programs. Nothing of the caller's PG* variables gets in, and
  /// their complaints are in English, so that they can be told apart.
  func environment(_ more: [String: String] = [:]) -> [String: String] {
    var all = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LC_ALL": "C"]
    if let zone = environmentVariable("TZ") { all["TZ"] = zone }
    return all.merging(more) { _, new in new }
  }
}

/// An environment variable that is set and isn't empty.
func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}
