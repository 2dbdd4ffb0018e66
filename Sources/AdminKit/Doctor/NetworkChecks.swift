import Domain
import EventLoop

/// What a service needs of others: a mail server, another service's accounts, and that its own STUN
/// server can be reached.
struct NetworkChecks {
  let configuration: Configuration
  let loop: Loop

  /// For each conversation.
  private static let patience = Duration.seconds(10)

  func run() async -> [Finding] {
    var findings = [await mail()]
    findings += await oauth()
    return findings + stun()
  }

  private func mail() async -> Finding {
    do {
      guard let server = try configuration.smtpServer() else {
        return .warning(
          "smtp", "no mail server: codes by e-mail can't be sent", hint: "set smtp-url")
      }
      var transfer = Transfer(.greeting, server.url)
      transfer.username = server.username
      transfer.password = server.password
      transfer.startTLS = server.startTLS
      transfer.authorities = server.authorities
      try await perform(transfer)
      return .ok("smtp", "\(server.url) greets")
    } catch {
      return .failed("smtp", error, hint: "see smtp-url in havocctl config show")
    }
  }

  private func perform(_ transfer: Transfer) async throws {
    var transfer = transfer
    transfer.timeout = Self.patience
    let transfers = try Transfers(loop: loop)
    defer { transfers.stop() }
    _ = try await transfers.perform(transfer)
  }

  private func oauth() async -> [Finding] {
    let settings: OAuth.Settings
    do {
      guard let found = try configuration.oauthSettings() else { return [] }
      settings = found
    } catch {
      return [.failed("oauth", error)]
    }
    var findings: [Finding] = []
    let places = [
      ("authorize", settings.authorizeURL), ("token", settings.tokenURL),
      ("userinfo", settings.userinfoURL),
    ]
    for (name, url) in places {
      let check = "oauth \(name)"
      var transfer = Transfer(.get, url)
      transfer.authorities = settings.authorities
      do {
        // Any answer will do: what it says of an empty question is its own affair.
        try await perform(transfer)
        findings.append(.ok(check, "\(url) answers"))
      } catch {
        findings.append(
          .failed(check, error, hint: "see oauth-\(name)-url in havocctl config show"))
      }
    }
    return findings
  }

  private func stun() -> [Finding] {
    let listen = configuration.text("stun")
    guard listen != "off" else { return [.ok("stun", "off")] }
    return listen.split(separator: ",").map { part in
      let text = String(part).trimmed
      let check = "stun \(text)"
      guard case .tcp(let host, let port)? = ListenAddress(text) else {
        return .failed(
          check, "this isn't HOST:PORT", hint: "see stun in havocctl config show")
      }
      switch STUNProbe.ask(host, String(port)) {
      case .answered: return .ok(check, "it answers")
      case .silent:
        return .failed(
          check, "no answer",
          hint: "does havocctl serve run with this address, and does a firewall let UDP through?")
      case .failed(let why):
        return .failed(check, why, hint: "see stun in havocctl config show")
      }
    }
  }
}
