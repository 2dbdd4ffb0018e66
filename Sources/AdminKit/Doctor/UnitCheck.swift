import Glibc

/// Whether systemd starts the server with the machine.
enum UnitCheck {
  private static let folders = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system", "/lib/systemd/system",
  ]

  /// Nil on a machine that systemd doesn't run.
  static func run() -> Finding? {
    guard access("/run/systemd/system", F_OK) == 0 else { return nil }
    let places = folders.map { "\($0)/havocctl.service" }
    guard let found = places.first(where: { access($0, R_OK) == 0 }) else {
      return .warning(
        "unit", "systemd has no unit havocctl.service, so nothing starts it with the machine",
        hint: "install havocctl's package")
    }
    guard let program = program(of: found), access(program, X_OK) == 0 else {
      return .failed(
        "unit", "\(found) starts a program that isn't there", hint: "look at its ExecStart=")
    }
    guard isEnabled else {
      return .warning(
        "unit", "\(found) isn't enabled, so nothing starts it with the machine",
        hint: "systemctl enable havocctl")
    }
    return .ok("unit", found)
  }

  /// The first word of its ExecStart=, without what may stand before the path (systemd.service(5)).
  private static func program(of unit: String) -> String? {
    guard let text = try? TextFile.read(unit) else { return nil }
    let line = text.split(separator: "\n").last { $0.hasPrefix("ExecStart=") }
    guard let value = line?.dropFirst("ExecStart=".count) else { return nil }
    return value.drop { "@-:+!".contains($0) }.split(separator: " ").first.map(String.init)
  }

  /// By itself, or by its socket.
  private static var isEnabled: Bool {
    ["multi-user.target.wants/havocctl.service", "sockets.target.wants/havocctl.socket"].contains {
      access("/etc/systemd/system/\($0)", F_OK) == 0
    }
  }
}
