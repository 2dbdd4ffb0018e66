import Domain
import EventLoop
import Postgres
import Synchronization

/// Everything that a server can be asked about, for `/metrics`.
final class Census: Sendable {
  /// What the main loop knows.
  struct Overall: Sendable {
    let refusedConnections: UInt64
    let isDatabaseAway: Bool
    let certificate: Certificate?
    let reloads: Reloads
    let linesLost: UInt64
  }

  private let workers: [Worker]
  private let overall: @Sendable () async -> Overall
  private let sessions = Mutex<(counts: [Sessions.DialectCount]?, until: UInt64)?>(nil)

  init(_ workers: [Worker], overall: @escaping @Sendable () async -> Overall) {
    self.workers = workers
    self.overall = overall
  }

  /// How long the database may take.
  private static let patience = Duration.seconds(2)
  /// Sessions are counted one by one, so their number, or that they can't be counted, is good for as
  /// many times as long as it took.
  private static let thrift: UInt64 = 200

  /// - Parameter services: the caller's own.
  func page(_ services: Services) async -> Exposition {
    var loops: [LoopFigures] = []
    for worker in workers { loops.append(await worker.onLoop { $0.figures }) }
    let overall = await self.overall()
    var page = Exposition()
    page.add(
      "havocctl_build_info", .gauge, "The program's version.",
      [(["version": Utilities.version], 1)])
    addRequests(to: &page, loops, overall)
    addDatabase(to: &page, loops, overall)
    addPasswords(to: &page, services.tools.hasher)
    addSockets(to: &page, loops)
    for figure in STUNCounters.Figure.allCases {
      page.add(
        "havocctl_stun_\(figure.rawValue)_total", .counter, figure.help,
        services.stun.sum(figure))
    }
    page.add(
      "havocctl_sign_ins_total", .counter, "Sign-ins.", services.traffic[.signIns])
    page.add(
      "havocctl_sign_in_failures_total", .counter, "Sign-ins that were refused.",
      services.traffic[.signInFailures])
    if !overall.isDatabaseAway { await addStored(to: &page, services) }
    addService(to: &page, loops, overall)
    ProcessFigures.add(to: &page)
    return page
  }

  private func addRequests(
    to page: inout Exposition, _ loops: [LoopFigures], _ overall: Overall
  ) {
    var requests = RequestCounters(routes: Worker.routes.count)
    for loop in loops { requests.add(loop.requests) }
    page.add(requests, Worker.routes)
    page.add(
      "havocctl_http_requests_in_flight", .gauge, "Requests that wait for their answer.",
      loops.reduce(0) { $0 + $1.inFlight })
    page.add(
      "havocctl_http_connections", .gauge, "Connections that speak HTTP.",
      loops.reduce(0) { $0 + $1.connections })
    page.add(
      "havocctl_http_connections_refused_total", .counter,
      "Connections beyond max-connections or max-connections-per-address.",
      overall.refusedConnections)
  }

  private func addDatabase(
    to page: inout Exposition, _ loops: [LoopFigures], _ overall: Overall
  ) {
    page.add(
      "havocctl_database_up", .gauge, "Whether the database can be reached.",
      !overall.isDatabaseAway)
    page.add(
      "havocctl_database_pipeline_depth", .gauge, "Statements that wait for an answer.",
      loops.enumerated().map { (["loop": String($0)], $1.database.inFlight) })
    page.add(
      "havocctl_database_transactions", .gauge, "Transactions that are open.",
      loops.reduce(0) { $0 + $1.database.transactions })
    page.add(
      "havocctl_database_transactions_waiting", .gauge,
      "Transactions that wait for a connection.",
      loops.reduce(0) { $0 + $1.database.waiting })
    page.add(
      "havocctl_database_statements_total", .counter, "Statements that were sent.",
      loops.reduce(0) { $0 + $1.database.statements })
    page.add(
      "havocctl_database_connections_lost_total", .counter, "Connections that broke.",
      loops.reduce(0) { $0 + $1.database.losses })
  }

  private func addPasswords(to page: inout Exposition, _ hasher: PasswordHasher) {
    page.add(
      "havocctl_password_hash_queue", .gauge, "Password hashes that wait for a thread.",
      hasher.waiting)
    page.add(
      "havocctl_password_hashes_total", .counter, "Password hashes that were computed.",
      hasher.computations.load(ordering: .relaxed))
    page.add(
      "havocctl_password_hashes_refused_total", .counter,
      "Password hashes beyond password-queue.", hasher.refusals.load(ordering: .relaxed))
  }

  private func addSockets(to page: inout Exposition, _ loops: [LoopFigures]) {
    page.add(
      "havocctl_sockets", .gauge, "WebSockets that are open.",
      [("chat", .chat), ("stream", .publish), ("watch", .watch)].map {
        (name: String, kind: Presence.Kind) in
        (["kind": name], loops.reduce(0) { $0 + ($1.sockets[kind] ?? 0) })
      })
  }

  /// What stands in the database; left out where it doesn't answer in time.
  private func addStored(to page: inout Exposition, _ services: Services) async {
    let (loop, database) = (services.database.loop, services.standby)
    let mail = await loop.withDeadline(Self.patience) { try? await MailQueue(database).depth() }
    guard let mail = mail ?? nil else { return }
    page.add(
      "havocctl_mail_queue", .gauge, "Mails, by whether they wait, were tried, or were given up.",
      [("waiting", mail.waiting), ("failing", mail.failing), ("given_up", mail.givenUp)].map {
        (["state": $0.0], $0.1)
      })
    let sessions = await loop.withDeadline(Self.patience) { await self.sessions(database) }
    guard let sessions = sessions ?? nil else { return }
    page.add(
      "havocctl_sessions", .gauge, "Sessions that are live, as they were counted last.",
      sessions.map { (["dialect": $0.dialect], $0.count) })
  }

  private func sessions(_ database: any Querying) async -> [Sessions.DialectCount]? {
    let start = Loop.monotonicNanoseconds()
    if let known = sessions.withLock({ $0 }), start < known.until { return known.counts }
    let counts = try? await Sessions.countByDialect(database)
    let end = Loop.monotonicNanoseconds()
    sessions.withLock { $0 = (counts, end + (end - start) * Self.thrift) }
    return counts
  }

  private func addService(
    to page: inout Exposition, _ loops: [LoopFigures], _ overall: Overall
  ) {
    page.add(
      "havocctl_loop_lag_seconds", "How late a loop came to what was due, looked at every second.",
      loops.enumerated().map { (["loop": String($0)], $1.lag) })
    page.add(
      "havocctl_log_lines_lost_total", .counter, "Lines of the log that couldn't be written.",
      overall.linesLost)
    page.add(
      "havocctl_config_last_reload_successful", .gauge,
      "Whether the configuration that was read last holds.", overall.reloads.isGood)
    page.add(
      "havocctl_config_last_reload_success_timestamp_seconds", .gauge,
      "When the configuration that holds was read, since 1970.",
      overall.reloads.lastSuccess.seconds)
    if let certificate = overall.certificate {
      page.add(
        "havocctl_tls_certificate_expiry_timestamp_seconds", .gauge,
        "When the certificate expires, since 1970.", certificate.validUntil.seconds)
    }
  }
}
