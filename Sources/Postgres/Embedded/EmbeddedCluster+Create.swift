import EventLoop
import Glibc

extension EmbeddedCluster {
  /// Where a cluster is put together before it gets its name. Only the holder of `start.lock` uses
  /// it, so one name does.
  private var draft: String { directory + "/postgres.new" }

  /// Makes the cluster with the database in it, unless there is one. It gets its name last, so one
  /// that isn't complete is never taken for a cluster; the next call clears it away.
  ///
  /// - Parameter holding: The lock that the caller has. The programs that make the cluster keep it
  ///   too, so that, should this process be killed, the next one waits for them to end.
  func create(
    owner: ServiceAccount, holding lock: LockFile, progress: (String) -> Void
  ) throws(EmbeddedClusterError) {
    try clearDraft(owner: owner)
    if ServerInstallation.dataVersion(of: dataDirectory) != nil { return }
    if let found = entries(of: dataDirectory), !found.isEmpty {
      throw EmbeddedClusterError(
        "can't make the embedded database: \(dataDirectory) isn't empty and isn't a PostgreSQL "
          + "data directory (it has no PG_VERSION)",
        hint: "move it away, or set STATE_DIRECTORY to another directory")
    }
    let server = try ServerInstallation.fitting(dataDirectory)
    progress("making a PostgreSQL \(server.version) cluster in \(dataDirectory)")
    do throws(EmbeddedClusterError) {
      try fillDraft(with: server, owner: owner, holding: lock)
      guard rename(draft, dataDirectory) == 0 else {
        throw EmbeddedClusterError(
          "can't make \(dataDirectory)", SystemError("rename"), path: directory)
      }
    } catch {
      try? clearDraft(owner: owner)
      throw error
    }
    // The new name has to outlive a power failure, as everything under it does.
    if let parent = try? Descriptor(opening: directory, O_RDONLY | O_DIRECTORY) {
      fsync(parent.number)
    }
  }

  private func fillDraft(
    with server: ServerInstallation, owner: ServiceAccount, holding lock: LockFile
  ) throws(EmbeddedClusterError) {
    do {
      try makePrivateDirectory(draft, owner: owner)
    } catch {
      throw EmbeddedClusterError("can't make the directory \(draft)", error, path: directory)
    }
    try run(
      [
        server.program("initdb"), "--pgdata=\(draft)", "--username=\(Self.name)",
        "--encoding=UTF8", "--locale=\(Self.locale)", "--auth=peer", "--data-checksums",
      ], owner: owner, holding: lock)
    do {
      try writeAccess(owner: owner)
      let text = smallFile(draft + "/postgresql.conf", limit: 1 << 20) ?? ""
      let include = "\ninclude_if_exists = '\(Self.settingsFile)'\n"
      try replaceFile("postgresql.conf", in: draft, owner: owner, with: text + include)
    } catch {
      throw EmbeddedClusterError("can't write the settings in \(draft)", error, path: directory)
    }
    // By the server itself, before it ever listens: a cluster that exists has its database.
    try run(
      [
        server.program("postgres"), "--single", "-D", draft, "-c", "exit_on_error=on", "postgres",
      ], input: "CREATE DATABASE \(Self.name) OWNER \(Self.name)\n", owner: owner, holding: lock)
  }

  private func run(
    _ command: [String], input: String = "", owner: ServiceAccount, holding lock: LockFile
  ) throws(EmbeddedClusterError) {
    let what = "can't make the embedded database in \(directory)"
    let result: ProcessResult
    do {
      result = try runProcess(
        arguments: owner.command(in: draft, command), environment: owner.environment(),
        input: input, keptDescriptor: lock.number)
    } catch {
      throw EmbeddedClusterError(what, error, path: directory)
    }
    if result.status == 0 { return }
    if result.stderr.contains("can't cd to") { throw unreachable(what, owner: owner) }
    throw EmbeddedClusterError.complaint(what, output: result.stderr, path: directory)
  }

  /// The error for a state directory below one that the owner may not pass, such as root's home.
  func unreachable(_ what: String, owner: ServiceAccount) -> EmbeddedClusterError {
    EmbeddedClusterError(
      "\(what): user \(owner.name), as whom PostgreSQL runs, can't get there",
      hint: "set STATE_DIRECTORY to a directory that every user can reach, or chmod a+x the ones "
        + "above \(directory)")
  }

  /// Lets in the cluster's owner, root and postgres, and nobody else, whatever they call themselves;
  /// and begins the file for the administrator's settings.
  private func writeAccess(owner: ServiceAccount) throws(SystemError) {
    let rules = """
      # Only on the Unix socket, and only the users that pg_ident.conf lists.
      local all all peer map=\(Self.name)
      local replication all peer map=\(Self.name)

      """
    var users = [owner.name]
    for name in ["root", "postgres"] where !users.contains(name) { users.append(name) }
    // Doubling is how a quote stands in a quoted word there.
    let lines = users.map { user in
      let word = user.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      return "\(Self.name) \"\(word)\" \(Self.name)\n"
    }
    try replaceFile("pg_hba.conf", in: draft, owner: owner, with: rules)
    try replaceFile("pg_ident.conf", in: draft, owner: owner, with: lines.joined())
    let own = "# Settings of yours. They win over those in \(Self.settingsFile).\n"
    try replaceFile(Self.ownSettingsFile, in: draft, owner: owner, with: own)
  }

  /// Removes what a failure left. `find` follows no link, nor can one be slipped in under it.
  private func clearDraft(owner: ServiceAccount) throws(EmbeddedClusterError) {
    guard fileExists(draft) else { return }
    let result = try? runProcess(
      arguments: ["find", draft, "-xdev", "-delete"], environment: owner.environment())
    guard fileExists(draft) else { return }
    throw EmbeddedClusterError.complaint(
      "can't remove \(draft), which an earlier attempt left",
      output: result?.stderr ?? "find can't be run", path: draft)
  }

  /// C.UTF-8 where the system has it: bytes in order, but upper and lower case of every script.
  private static var locale: String {
    let mask = CInt(1 << LC_CTYPE | 1 << LC_COLLATE)
    guard let found = newlocale(mask, "C.UTF-8", nil) else { return "C" }
    freelocale(found)
    return "C.UTF-8"
  }
}
