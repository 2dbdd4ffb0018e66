import EventLoop
import Glibc

extension EmbeddedCluster {
  /// The file of settings in the data directory that is ours.
  static let settingsFile = "havocctl.conf"
  /// The one that is the administrator's, in the same place.
  static let ownSettingsFile = "local.conf"

  /// Writes the settings for the next start, where they aren't so already: the state directory may
  /// have moved, and with it the socket.
  func writeSettings(
    socketDirectory: String, owner: ServiceAccount
  ) throws(EmbeddedClusterError) {
    let text = settings(socketDirectory: socketDirectory)
    if smallFile("\(dataDirectory)/\(Self.settingsFile)") == text { return }
    do {
      try replaceFile(Self.settingsFile, in: dataDirectory, owner: owner, with: text)
    } catch {
      throw EmbeddedClusterError(
        "can't write \(dataDirectory)/\(Self.settingsFile)", error, path: directory)
    }
  }

  private func settings(socketDirectory: String) -> String {
    // The setting is a list in which quotes keep a name together, inside a quoted value.
    let name = "\"" + socketDirectory.doubling("\"") + "\""
    let sockets = name.doubling("\\").doubling("'")
    return """
      # havocctl writes this file anew at every start. Settings of yours go into \(Self.ownSettingsFile) in
      # this directory; they win over these.
      cluster_name = '\(Self.name)'
      listen_addresses = ''
      port = \(Self.port)
      unix_socket_directories = '\(sockets)'
      max_connections = 100
      shared_buffers = 128MB
      fsync = on
      # Compiling a statement takes longer than any of these runs, and where a service may not write
      # code into memory it would fail.
      jit = off
      logging_collector = off
      log_destination = 'stderr'
      include_if_exists = '\(Self.ownSettingsFile)'

      """
  }
}

extension String {
  fileprivate func doubling(_ special: Unicode.Scalar) -> String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar == special { text.unicodeScalars.append(scalar) }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
