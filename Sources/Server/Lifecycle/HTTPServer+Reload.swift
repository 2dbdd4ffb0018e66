import AdminKit
import Domain
import EventLoop
import Postgres

/// What a configuration that was read again says, and what is new in it.
public struct ReadAgain: Sendable {
  public let settings: ServerSettings
  /// Settings with another value.
  public let changed: [String]
  /// Of those that need a restart; the old value stands in `settings`.
  public let waiting: [String]

  public init(settings: ServerSettings, changed: [String], waiting: [String]) {
    self.settings = settings
    self.changed = changed
    self.waiting = waiting
  }
}

/// Going on with another configuration, and with another certificate, without losing anybody.
extension HTTPServer {
  /// Reads the configuration again when the turn's work is done; signals that come together are
  /// obeyed together.
  func reloadLater() {
    guard !isReloading, !isStopping else { return }
    isReloading = true
    // Nothing can be changed before all of it is there.
    if condition.isReady { reloadNow() }
  }

  func reloadNow() {
    Task(executorPreference: loop) {
      await self.loop.nextTurn()
      self.isReloading = false
      if !self.isStopping { self.reload() }
    }
  }

  private func reload() {
    ServiceManager.reloading()
    do {
      let next = try reread(settings.configuration)
      var changed = next.changed
      if next.settings.certificate != settings.certificate { changed.append("certificate") }
      try adopt(next.settings)
      condition.reloadFault = nil
      reloads.succeeded()
      log(
        .info, "reloaded",
        ["changed": .text(changed.isEmpty ? "nothing" : changed.joined(separator: ", "))])
      if !next.waiting.isEmpty {
        log(
          .warning, "needs a restart", ["settings": .text(next.waiting.joined(separator: ", "))])
      }
    } catch {
      let failure = Failure(error)
      condition.reloadFault = failure.message
      reloads.failed()
      log(
        .error, "not reloaded",
        ["cause": .text(failure.message), "hint": .text(failure.hint ?? "-")])
    }
    log.flush()
    if !isStopping { ServiceManager.ready(status: condition.words) }
  }

  /// Whatever can fail comes first, so that all of it holds or nothing.
  private func adopt(_ next: ServerSettings) throws {
    if next.needsTransfers { _ = try Transfers(loop: loop) }
    let newMailer = try mailer == nil ? next.mail.map { try makeMailer($0) } : nil
    let context =
      next.certificate == settings.certificate
      ? nil : try next.certificate.map { try Self.context($0) }
    try log.adopt(next.log)
    settings = next
    if let context { show(context) }
    acceptor.adopt(next)
    workers[0].services.tools.hasher.adopt(next.passwords, limit: next.passwordQueue)
    for worker in workers { worker.loop.execute { worker.adopt(next) } }
    if let newMailer {
      mailer = newMailer
      newMailer.start()
    } else if let mail = next.mail {
      try mailer?.adopt(mail)
    } else {
      mailer?.stop()
      mailer = nil
    }
  }

  static func context(_ certificate: Certificate) throws(Failure) -> TLSContext {
    guard let context = TLSContext(certificate) else {
      throw Failure(
        .failed, "tls-cert: OpenSSL doesn't take it",
        hint: "RSA keys have 2048 bits at the least, and hashes are SHA-256 or better")
    }
    return context
  }

  /// Shows another certificate in handshakes from now on.
  func show(_ context: TLSContext) {
    for worker in workers { worker.loop.execute { worker.engine.tls.context = context } }
    guard let certificate = settings.certificate else { return }
    if certificate.validUntil < .now {
      log(
        .warning, "certificate has expired", ["until": .text(certificate.validUntil.rfc3339)])
    } else if certificate.validFrom > .now {
      log(
        .warning, "certificate isn't valid yet", ["from": .text(certificate.validFrom.rfc3339)])
    }
  }
}

/// What came of the last reload.
struct Reloads {
  private(set) var isGood = true
  private(set) var lastSuccess = Timestamp.now

  mutating func succeeded() { (isGood, lastSuccess) = (true, .now) }
  mutating func failed() { isGood = false }
}
