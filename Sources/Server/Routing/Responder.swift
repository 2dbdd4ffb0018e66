import Domain
import EventLoop
import Postgres

/// Takes a request through its route to an answer: routing, decoding, refusals, request id and
/// access log.
struct Responder: Sendable {
  let router: Router
  let services: Services
  let log: Log

  func respond(to request: Request) async -> Response {
    let start = Loop.monotonicNanoseconds()
    services.traffic.add(.requests)
    let match = router.match(request.method, request.path)
    var response = await Tracing.$request.withValue(request.id) { await answer(request, match) }
    Self.addHeaders(&response, request.id)
    if request.client.isSecure { response.headers.append(Self.onlyTLS) }
    let microseconds = (Loop.monotonicNanoseconds() - start) / 1_000
    services.requests.add(
      request.method, match.route, status: response.status, microseconds: microseconds)
    record(
      request.id, request.method.rawValue, request.path, request.address, response,
      microseconds: microseconds)
    return response
  }

  /// The answer to a request that the guard turned away, in the words of its path's dialect.
  func refuse(_ refused: RefusedRequest) -> Response {
    let path = refused.target.prefix { $0 != "?" }
    let rejection = refused.rejection
    var response = ErrorMap.failure(rejection.status, rejection.reason, speech(of: path))
    if rejection.status == 405 { response.headers.append(.init("Allow", "GET, HEAD, POST")) }
    if rejection.status == 503 { response.headers.append(.init("Retry-After", "1")) }
    Self.addHeaders(&response, refused.id)
    if refused.client.isSecure { response.headers.append(Self.onlyTLS) }
    services.requests.add(
      Method(rawValue: refused.method), nil, status: response.status, microseconds: 0)
    record(refused.id, refused.method, path, refused.client.address, response, microseconds: 0)
    return response
  }

  /// A ban that was lifted a moment ago holds no more; where the database can't say, it holds.
  private func isStillBanned(_ request: Request) async -> Bool {
    let answer = try? await services.bans.contain(request.address, asking: services.database)
    return answer ?? true
  }

  /// The answer of its route, with the cookies that its dialect gives.
  private func answer(_ request: Request, at route: Route, _ path: PathValues) async -> Response {
    let context: Context
    do {
      let (form, upload) = try request.read(for: route)
      context = Context(
        request: request, path: path, form: form, upload: upload, fields: route.fields,
        services: services)
    } catch {
      return ErrorMap.failure(error.status, error.reason, route.speech)
    }
    var response: Response
    do {
      // Who signs in isn't known by a credential, with which the newest bans would be asked for.
      if route.access == .anyone, request.method != .get,
        try await services.bans.contain(request.address, asking: services.database)
      {
        throw Authenticator.banned
      }
      response = try await route.handle(context)
    } catch {
      let (refusal, cause) = ErrorMap.response(error, route.speech)
      response = refusal
      if let cause {
        log(
          .error, "request failed",
          ["id": .text(request.id), "route": .text(route.path), "cause": .text(cause)])
      }
    }
    if route.givesCookies {
      response.headers += context.cookies.anonymous(besides: response.headers)
    }
    return response
  }

  /// Browsers come through TLS from now on (RFC 6797).
  private static let onlyTLS = Response.Header("Strict-Transport-Security", "max-age=31536000")

  private static let noSniffing = Response.Header("X-Content-Type-Options", "nosniff")

  private static func addHeaders(_ response: inout Response, _ id: String) {
    response.headers.reserveCapacity(response.headers.count + 2)
    response.headers.append(.init("X-Request-ID", id))
    response.headers.append(noSniffing)
  }

  private func answer(_ request: Request, _ match: Router.Match) async -> Response {
    if services.bans.contain(request.address), await isStillBanned(request) {
      return ErrorMap.failure(403, "You are banned.", speech(of: request.path))
    }
    switch match {
    case .route(let route, let path):
      var response = await answer(request, at: route, path)
      let cors = services.settings.origins.headers(for: request)
      if !cors.isEmpty { response.headers += cors }
      return response
    case .otherMethods(let methods, let route):
      let names = methods.map(\.rawValue).joined(separator: ", ")
      let allow = Response.Header("Allow", names)
      let cors = services.settings.origins.headers(for: request)
      if request.method == .options {
        let preflight = services.settings.origins.preflight(request, allow: names)
        return Response(204, headers: [allow] + cors + preflight)
      }
      var response = ErrorMap.failure(
        405, "Method “\(request.method.rawValue)” not allowed.", route.speech)
      response.headers += [allow] + cors
      if route.givesCookies {
        response.headers += CookieJar(request, services).anonymous(besides: response.headers)
      }
      return response
    case .none: return ErrorMap.failure(404, "Not found.", speech(of: request.path))
    }
  }

  /// A path that isn't there is answered in the words of those around it.
  private func speech(of path: Substring) -> Speech {
    let first = path.split(separator: "/").first ?? ""
    return switch first {
    case "permission_admin", "user_admin", "user": .havoc
    case "admin": .page
    default: .detail(nil)
    }
  }

  private func record(
    _ id: String, _ method: String, _ path: Substring, _ address: String?, _ response: Response,
    microseconds: UInt64
  ) {
    log.access(
      id: id, method: method, path: path, status: response.status, microseconds: microseconds,
      address: address)
    guard let slow = services.settings.slowRequest, microseconds * 1_000 >= slow.nanoseconds else {
      return
    }
    log(
      .warning, "slow request",
      [
        "id": .text(id), "method": .text(method), "path": .text(String(path)),
        "status": .number(Int64(response.status)), "us": .number(Int64(clamping: microseconds)),
      ])
  }
}
