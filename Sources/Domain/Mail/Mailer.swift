import EventLoop
import Postgres

/// How mail leaves, and how often it is tried.
public struct MailSettings: Sendable {
  public enum Route: Sendable {
    /// A mail server: a transfer without its content.
    case smtp(SMTPServer)
    /// The embedded database's server has nobody else to tell a code to than who reads its log.
    case log(@Sendable (_ username: String, _ code: String) -> Void)
  }

  public struct SMTPServer: Sendable {
    /// `smtp://…` or `smtps://…`, without a password.
    public var url = ""
    public var username: String?
    public var password: String?
    public var startTLS = Transfer.StartTLS.whereOffered
    public var authorities: String?
    public var sender = "havocctl@localhost"
    public var timeout = Duration.seconds(30)

    public init() {}
  }

  public var route: Route
  /// The pause after the first failure, doubled with each other, up to an hour.
  public var retry = Duration.seconds(30)
  public var giveUp = Duration.seconds(86_400)

  public init(route: Route) { self.route = route }
}

/// Sends what the queue holds, from one loop of a server; any number of servers share the queue.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
public final class Mailer: @unchecked Sendable {
  private let loop: Loop
  private let database: Database
  private let keys: SigningKeys
  private var settings: MailSettings
  /// Nil where mail goes to the log.
  private var transfers: Transfers?
  private let onFailure: @Sendable (String) -> Void
  private let actor = Actor(name: "mailer")
  private var underWay = 0
  private var isStopped = false
  private var sleeper: UnsafeContinuation<Void, Never>?
  private var alarm: EventLoop.Timer?

  /// Mails that are sent at the same time.
  private static let atOnce = 4
  /// Seconds after which the queue is looked at although nobody called.
  private static let idle = 30
  private static let longestPause = Duration.seconds(3_600)

  /// - Parameter onFailure: called with what went wrong, for the log.
  /// - Throws: where there is a mail server and no libcurl.
  public init(
    database: Database, keys: SigningKeys, settings: MailSettings,
    onFailure: @escaping @Sendable (String) -> Void
  ) throws(TransferFailure) {
    loop = database.loop
    self.database = database
    self.keys = keys
    self.settings = settings
    self.onFailure = onFailure
    try openRoute()
  }

  private func openRoute() throws(TransferFailure) {
    if case .smtp = settings.route, transfers == nil { transfers = try Transfers(loop: loop) }
  }

  /// Goes on with other settings.
  /// - Throws: where there is a mail server now and no libcurl.
  public func adopt(_ settings: MailSettings) throws(TransferFailure) {
    loop.preconditionOnLoop()
    self.settings = settings
    try openRoute()
    wake()
  }

  public func start() {
    loop.preconditionOnLoop()
    Task(executorPreference: loop) { await self.run() }
  }

  public func stop() {
    loop.preconditionOnLoop()
    isStopped = true
    transfers?.stop()
    wake()
  }

  /// There may be something new.
  public func wake() {
    alarm?.cancel()
    alarm = nil
    sleeper?.resume()
    sleeper = nil
  }

  private func run() async {
    while !isStopped {
      var pause = Self.idle
      do {
        let queue = MailQueue(database)
        while underWay < Self.atOnce,
          let item = try await queue.take(lease: lease, giveUp: settings.giveUp)
        {
          underWay += 1
          Task(executorPreference: loop) { await self.send(item) }
        }
        if underWay < Self.atOnce { pause = max(1, try await queue.nextDue(idle: Self.idle)) }
      } catch {
        onFailure("the mail queue can't be read: \(error)")
      }
      guard !isStopped else { break }
      await sleep(seconds: pause)
    }
  }

  private func sleep(seconds: Int) async {
    await withUnsafeContinuation { continuation in
      sleeper = continuation
      alarm = loop.schedule(after: .seconds(seconds)) { [weak self] in self?.wake() }
    }
  }

  /// Long enough for the transfer and for what stands around it.
  private var lease: Duration {
    if case .smtp(let server) = settings.route { return server.timeout + .seconds(30) }
    return .seconds(30)
  }

  private func send(_ item: MailQueue.Item) async {
    defer {
      underWay -= 1
      wake()
    }
    let queue = MailQueue(database)
    do {
      let code = try await LoginCodes(database, keys: keys).make(for: item.account)
      switch settings.route {
      case .log(let tell): tell(item.username, code)
      case .smtp(let server): try await deliver(code, item, through: server)
      }
      try await queue.sent(item, by: actor)
    } catch let failure as TransferFailure {
      guard !isStopped else { return }
      let retry = item.isOverdue ? nil : pause(after: item.attempts)
      onFailure("mail to \(item.username): \(failure)")
      try? await queue.failed(item, failure.description, retry: retry, by: actor)
    } catch {
      // The lease ends by itself, and the mail is tried again.
      onFailure("mail to \(item.username): \(error)")
    }
  }

  private func deliver(
    _ code: String, _ item: MailQueue.Item, through server: MailSettings.SMTPServer
  ) async throws {
    // It was checked when it was stored; but what it isn't would be told to the mail server.
    guard (try? EmailAddress.normalised(item.recipient)) == item.recipient else {
      throw TransferFailure(description: "the recipient isn't an e-mail address")
    }
    let message = MailMessage.signInCode(
      code, username: item.username, from: server.sender, to: item.recipient)
    var transfer = Transfer(
      .mail(from: server.sender, to: item.recipient, message: message), server.url)
    transfer.username = server.username
    transfer.password = server.password
    transfer.startTLS = server.startTLS
    transfer.authorities = server.authorities
    transfer.timeout = server.timeout
    _ = try await transfers?.perform(transfer)
  }

  private func pause(after attempts: Int) -> Duration {
    min(settings.retry * (1 << min(max(attempts - 1, 0), 16)), Self.longestPause)
  }
}
