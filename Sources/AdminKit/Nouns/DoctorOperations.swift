import Domain
import Postgres

/// `doctor`: tries what a service needs.
enum DoctorOperations {
  static let all = [doctor]

  /// What came of one check.
  private struct Finding {
    enum Result: String { case ok, warning, failed }

    let check: String
    let result: Result
    let detail: String
    let hint: String?

    var row: [Value] {
      [.text(check), .text(result.rawValue), .text(detail), .text(hint)]
    }
  }

  private static let doctor = Operation(
    "doctor", nil, "Try what a service needs, and say how to mend what is wrong",
    columns: [
      Column("check", .text), Column("result", .text), Column("detail", .text),
      Column("hint", .text),
    ], effect: .reads, examples: ["havocctl doctor", "havocctl doctor -o json"]
  ) { invocation in
    try await invocation.begin(shape: .many)
    var findings = [try await clock(invocation), try await servers(invocation)]
    findings += stun(invocation.environment.configuration)
    for finding in findings { try await invocation.row(finding.row) }
    if findings.contains(where: { $0.result == .failed }) { await invocation.end(with: .failed) }
  }

  /// Seconds that this machine's clock may differ from the database's before tokens that were
  /// issued by one are early for the other.
  private static let clockTolerance: Int64 = 5

  private static func clock(_ invocation: Invocation) async throws -> Finding {
    let rows = try await invocation.database.query(Self.databaseClock)
    let difference = Timestamp.now.seconds - (try rows[0].decode(Timestamp.self)).seconds
    let isGood = abs(difference) <= clockTolerance
    return Finding(
      check: "clock", result: isGood ? .ok : .failed,
      detail: "\(difference) s from the database's",
      hint: isGood ? nil : "let both machines keep time, by systemd-timesyncd or chrony")
  }

  private static let databaseClock = Statement("SELECT clock_timestamp()")

  private static func servers(_ invocation: Invocation) async throws -> Finding {
    let count = try await invocation.database.query(Self.liveServers)[0].decode(Int.self)
    return Finding(
      check: "servers", result: count > 0 ? .ok : .warning,
      detail: count == 1 ? "1 serves this database" : "\(count) serve this database",
      hint: count > 0 ? nil : "havocctl serve")
  }

  private static let liveServers = Statement("SELECT count(*) FROM live_server")

  private static func stun(_ configuration: Configuration) -> [Finding] {
    let listen = configuration.text("stun")
    guard listen != "off" else {
      return [Finding(check: "stun", result: .ok, detail: "off", hint: nil)]
    }
    return listen.split(separator: ",").map { part in
      let address = String(part).trimmed
      let check = "stun \(address)"
      let colon = address.lastIndex(of: ":") ?? address.endIndex
      var host = String(address[..<colon])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
      switch STUNProbe.ask(host, String(address[colon...].dropFirst())) {
      case .answered: return Finding(check: check, result: .ok, detail: "it answers", hint: nil)
      case .silent:
        return Finding(
          check: check, result: .failed, detail: "no answer",
          hint: "does havocctl serve run with this address, and does a firewall let UDP through?")
      case .failed(let why):
        return Finding(
          check: check, result: .failed, detail: why, hint: "see stun in havocctl config show")
      }
    }
  }
}
