import AdminKit
import Domain
import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Server

/// Every suite that needs a database stands in this one, so that their tests run one at a time and
/// the server has connections enough.
@Suite(.serialized, .timeLimit(.minutes(5))) enum WithDatabase {}

/// The whole program behind HTTP, asked without a socket.
struct Stage: Sendable {
  let home: Home
  let services: Services
  let responder: Responder

  static func open<Value: Sendable>(
    _ body: @escaping @Sendable (Stage) async throws -> Value
  ) async throws -> Value {
    try await Home.open { home in
      var settings = try ServerSettings(
        Configuration(options: ["allowed-origins": "https://app.example.org"], file: nil) { _ in
          nil
        })
      settings.mail = MailSettings(route: .log { _, _ in })
      let shared = SharedServices(
        hasher: home.tools.hasher, keys: home.tools.keys, rules: PasswordRules(dictionary: nil),
        bans: BannedNetworks(), server: .random(), chat: ChatExchange(), stun: [])
      let services = Services(
        database: home.database, shared: shared, settings: settings,
        started: Loop.monotonicNanoseconds())
      let responder = Responder(
        router: Router(Worker.routes), services: services, log: try Log(descriptor: -1))
      return try await body(Stage(home: home, services: services, responder: responder))
    }
  }

  func send(
    _ method: Server.Method, _ path: String, _ headers: [(String, String)] = [],
    body: String = "", type: String? = nil
  ) async -> Response {
    await responder.respond(
      to: request(
        method, path, body: body, type: type, headers: [("Host", "api.example.org")] + headers))
  }
}

extension Response {
  var text: String {
    guard case .bytes(let bytes) = body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
