import Domain
import EventLoop
import Glibc
import Postgres

/// What a service needs of files: that it can read its own, and others can't read its secrets.
struct FileChecks {
  let configuration: Configuration
  /// Whether the database is the embedded one.
  let isEmbedded: Bool
  /// Whether what is safe to mend is mended.
  let fixes: Bool

  /// Bytes that must be free, and that had better be.
  private static let least: UInt64 = 100 << 20
  private static let comfortable: UInt64 = 1 << 30

  func run() -> [Finding] {
    var findings = [config()]
    for setting in Setting.all where setting.isSecret {
      guard let file = configuration.entry(setting.key).file else { continue }
      findings.append(secret("secret \(setting.key)", file))
    }
    if isEmbedded, let directory = try? EmbeddedCluster.defaultDirectory() {
      findings.append(state(directory))
    }
    findings.append(disk())
    if let certificate = certificate() { findings.append(certificate) }
    if let unit = UnitCheck.run() { findings.append(unit) }
    return findings
  }

  private func config() -> Finding {
    guard let path = configuration.file else {
      return .ok("config", "none; \(Configuration.defaultFile) isn't there")
    }
    let holdsSecret = Setting.all.contains { setting in
      setting.isSecret && configuration.entry(setting.key).origin.hasPrefix("\(path):")
    }
    return holdsSecret ? secret("config", path) : .ok("config", path)
  }

  /// A file that only its owner and its group may read.
  private func secret(_ check: String, _ path: String) -> Finding {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return .failed(check, SystemError(path).description, hint: nil)
    }
    guard status.st_mode & 0o007 != 0 else { return .ok(check, path) }
    if fixes, chmod(path, status.st_mode & 0o770) == 0 {
      return .fixed(check, "\(path) is closed to others")
    }
    return .failed(
      check, "\(path) holds a secret, and everybody can read it", hint: "chmod o-rwx \(path)")
  }

  /// The embedded database's own directory: nobody else may write there, and unless it is root's,
  /// which serves those who run PostgreSQL too, look in.
  private func state(_ path: String) -> Finding {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return .failed("state", SystemError(path).description, hint: nil)
    }
    let closed: mode_t = geteuid() == 0 ? 0o022 : 0o077
    guard status.st_mode & closed != 0 else { return .ok("state", path) }
    let wanted = status.st_mode & 0o777 & ~closed
    if fixes, chmod(path, wanted) == 0 { return .fixed("state", "\(path) is closed to others") }
    return .failed(
      "state", "\(path) is open to others", hint: "chmod \(String(wanted, radix: 8)) \(path)")
  }

  /// Where the embedded database is, or, without one, what this machine writes to.
  private func disk() -> Finding {
    let state = (try? EmbeddedCluster.defaultDirectory()).flatMap {
      access($0, F_OK) == 0 ? $0 : nil
    }
    let path = state ?? "/"
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
      return .failed("disk", SystemError(path).description, hint: nil)
    }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    let detail = "\(free >> 20) MiB free at \(path)"
    if free < Self.least { return .failed("disk", detail, hint: "make room") }
    return free < Self.comfortable
      ? .warning("disk", detail, hint: "make room") : .ok("disk", detail)
  }

  /// Within which a certificate had better be renewed, in seconds.
  private static let renewal: Int64 = 30 * 86_400

  /// Nil where no TLS is configured.
  private func certificate() -> Finding? {
    do {
      guard let certificate = try configuration.certificate() else { return nil }
      let left = certificate.validUntil.seconds - Timestamp.now.seconds
      let path = configuration.text("tls-cert")
      let until = certificate.validUntil.rfc3339
      let hint = "renew it and run systemctl reload havocctl"
      if left < 0 { return .failed("certificate", "\(path) has expired, on \(until)", hint: hint) }
      if certificate.validFrom > .now {
        return .failed(
          "certificate",
          "\(path) is valid from \(certificate.validFrom.rfc3339) only",
          hint: "look at this machine's clock")
      }
      return left < Self.renewal
        ? .warning(
          "certificate", "\(path) is valid until \(until), \(left / 86_400) more days", hint: hint)
        : .ok("certificate", "\(path) is valid until \(until)")
    } catch {
      return .failed("certificate", error)
    }
  }
}
