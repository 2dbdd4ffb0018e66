import AdminKit
import EventLoop
import Glibc
import Postgres
import Synchronization

@testable import Domain
@testable import Server

/// A server as it is, but for its database, which is away: every route stands, and a few more beside
/// them that answer without one.
final class HTTPStage: Sendable {
  static let shared = HTTPStage()

  private let thread: LoopThread
  private let engine: Engine
  /// By the answer's X-Request-ID.
  private let methods: Journal

  /// The method of each request that was answered.
  final class Journal: Sendable {
    private let noted = Mutex<[String: String]>([:])

    func note(_ id: String, _ method: String) { noted.withLock { $0[id] = method } }

    func take() -> [String: String] {
      noted.withLock { noted in
        defer { noted = [:] }
        return noted
      }
    }
  }

  private init() {
    do {
      signal(SIGPIPE, SIG_IGN)
      let thread = try LoopThread(name: "server")
      let responder = try Self.responder(thread.loop)
      let journal = Journal()
      let engine = Engine(
        loop: thread.loop, limits: responder.services.settings.limits,
        proxies: responder.services.settings.proxies, idPrefix: "fuzz-",
        respond: { request in
          journal.note(request.id, request.method.rawValue)
          return await responder.respond(to: request)
        },
        refuse: { refused in
          journal.note(refused.id, refused.method)
          return responder.refuse(refused)
        },
        bodySize: { responder.router.bodySize($0, $1) }, onClosed: { _ in })
      thread.loop.execute {
        do {
          try engine.start()
          responder.services.sockets.start()
        } catch {
          fatalError("\(error)")
        }
      }
      (self.thread, self.engine, methods) = (thread, engine, journal)
    } catch {
      fatalError("\(error)")
    }
  }

  func takeMethods() -> [String: String] { methods.take() }

  /// A new connection's end that is the client's.
  func connect() -> HTTPTarget.Client {
    var pair: [CInt] = [0, 0]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    require(socketpair(AF_UNIX, kind, 0, &pair) == 0, "no sockets")
    let flags = fcntl(pair[1], F_GETFL)
    _ = fcntl(pair[1], F_SETFL, flags | O_NONBLOCK)
    engine.adopt(pair[1], .unix, isSecure: false)
    return HTTPTarget.Client(descriptor: pair[0])
  }

  private static func responder(_ loop: Loop) throws -> Responder {
    var settings = try ServerSettings(
      Configuration(
        options: ["max-body": "8K", "max-avatar": "16K", "max-set-body": "64K"], file: nil
      ) { _ in nil })
    settings.limits.head = 2_048
    // Shorter than a client of the fuzzer waits.
    settings.limits.headTimeout = .seconds(2)
    settings.limits.keepAliveTimeout = .seconds(2)
    let routes = Worker.routes + FuzzRoutes.all
    let shared = SharedServices(
      hasher: try PasswordHasher(threads: 0, limit: 1), keys: SigningKeys(),
      rules: PasswordRules(dictionary: nil), bans: BannedNetworks(), server: .random(),
      chat: ChatExchange(), stun: [])
    let services = Services(
      database: Database(loop: loop, options: .init(conninfo: "host=/nonexistent")),
      shared: shared, settings: settings, started: Loop.monotonicNanoseconds())
    services.requests = RequestCounters(routes: routes.count)
    return Responder(router: Router(routes), services: services, log: try Log(descriptor: -1))
  }
}
