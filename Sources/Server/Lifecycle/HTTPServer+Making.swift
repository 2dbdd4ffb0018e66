import AdminKit
import Domain
import EventLoop
import Postgres

/// What a server is made of.
extension HTTPServer {
  func openSockets(_ passed: PassedSockets) throws -> [ListenSocket] {
    guard passed.http.isEmpty else { return passed.http }
    var sockets: [ListenSocket] = []
    do throws(ListenFailure) {
      for address in settings.listen { sockets.append(try ListenSocket(address)) }
    } catch {
      for socket in sockets { socket.close() }
      throw error
    }
    return sockets
  }

  func makeWorkers(
    _ count: Int, _ started: UInt64, _ stunSockets: STUNSockets
  ) throws {
    let hasher = try PasswordHasher(
      parameters: settings.passwords, threads: count, limit: settings.passwordQueue)
    let dictionary = PasswordDictionary()
    if dictionary == nil {
      log(
        .warning, "no list of common passwords",
        ["path": .text(PasswordDictionary.defaultPath), "hint": "install cracklib-runtime"])
    }
    for _ in 1..<max(count, 1) { threads.append(try LoopThread(name: "loop")) }
    let loops = [loop] + threads.map(\.loop)
    let seed = UUID.random().low
    let stun = loops.enumerated().map { number, loop in
      STUNService(
        loop: loop, stunSockets, number: number, rate: settings.stun.rate, seed: seed)
    }
    let shared = SharedServices(
      hasher: hasher, keys: keys, rules: PasswordRules(dictionary: dictionary), bans: bans,
      server: server, chat: chat, stun: stun.map(\.counters))
    let acceptor = self.acceptor
    workers = loops.enumerated().map { index, loop in
      Worker(
        loop: loop, settings: settings, shared: shared, stun: stun[index], started: started,
        log: log,
        idPrefix: Secrets.random(5).hex + String(index, radix: 16) + "-",
        onConnectionChange: { [weak self] error in
          if index == 0 { self?.databaseChanged(error) }
        },
        onClosed: { acceptor.noteClosed($0) })
    }
    inlet = StreamInlet(
      loop: loop, database: workers[0].database, server: server, exchange: shared.streams)
  }

  func makeMailer(_ mail: MailSettings) throws -> Mailer {
    let log = self.log
    return try Mailer(database: workers[0].database, keys: keys, settings: mail) {
      log(.warning, "mail not sent", ["cause": .text($0)])
    }
  }

  func startMailer() throws {
    // Without libcurl nobody could be asked: that is said now.
    if settings.needsTransfers { _ = try Transfers(loop: loop) }
    mailer = try settings.mail.map { try makeMailer($0) }
    mailer?.start()
  }

  func makeCensus() -> Census {
    Census(workers) { [self] in
      await workers[0].onLoop { [self] _ in
        Census.Overall(
          refusedConnections: acceptor.refused, isDatabaseAway: condition.outage != nil,
          certificate: settings.certificate, reloads: reloads, linesLost: log.linesLost)
      }
    }
  }
}
