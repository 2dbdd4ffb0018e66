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
    var response = await answer(request)
    response.headers.append(.init("X-Request-ID", request.id))
    record(request, response, microseconds: (Loop.monotonicNanoseconds() - start) / 1_000)
    return response
  }

  private func answer(_ request: Request) async -> Response {
    switch router.match(request.method, request.path) {
    case .route(let route, let numbers):
      do {
        return try await run(route, numbers, request)
      } catch {
        let (response, cause) = ErrorMap.response(error, route.speech)
        if let cause {
          log(
            .error, "request failed",
            ["id": .text(request.id), "route": .text(route.path), "cause": .text(cause)])
        }
        return response
      }
    case .otherMethods(let methods):
      let allow = Response.Header("Allow", methods.map(\.rawValue).joined(separator: ", "))
      if request.method == .options { return Response(204, headers: [allow]) }
      return ErrorMap.failure(
        405, "Method “\(request.method.rawValue)” not allowed.", speech(of: request)
      ).with(allow)
    case .none: return ErrorMap.failure(404, "Not found.", speech(of: request))
    }
  }

  private func run(_ route: Route, _ numbers: [Int64], _ request: Request) async throws -> Response
  {
    let form = try request.formBody()
    let context = Context(
      request: request, speech: route.speech, numbers: numbers, body: FormBodyReader(form: form),
      input: route.fields.isEmpty ? Input() : try Input(form, fields: route.fields),
      services: services)
    return try await route.handle(context)
  }

  /// A path that isn't there is answered in the words of those around it.
  private func speech(of request: Request) -> Speech {
    let first = request.path.split(separator: "/").first ?? ""
    let isHavoc = ["permission_admin", "user_admin", "user"].contains(first)
    return isHavoc ? .havoc : .detail(nil)
  }

  private func record(_ request: Request, _ response: Response, microseconds: UInt64) {
    log(
      .info, "request",
      [
        "id": .text(request.id), "method": .text(request.method.rawValue),
        "path": .text(String(request.path)), "status": .number(Int64(response.status)),
        "us": .number(Int64(microseconds)), "address": .text(request.address ?? "-"),
      ])
  }
}
