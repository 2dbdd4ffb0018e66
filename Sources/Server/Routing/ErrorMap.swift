import Domain
import Postgres

/// Says every error in a dialect's words, with the status that fits.
enum ErrorMap {
  /// - Returns: the answer, and the cause for the log where the fault isn't the caller's.
  static func response(_ error: any Error, _ speech: Speech) -> (response: Response, cause: String?)
  {
    switch error {
    case let refusal as Refusal: return (response(refusal, speech), nil)
    case let bad as BadRequest:
      var response = failure(bad.status, bad.reason, speech)
      response.headers += bad.headers
      return (response, nil)
    case let error as PostgresError where error.isOutage || error.sqlState == .queryCanceled:
      let reason = error.isOutage ? "The database is away." : "The database took too long."
      let response = failure(503, "\(reason) Try again in a moment.", speech)
      return (response.with(.init("Retry-After", "1")), error.description)
    default:
      return (failure(500, "Internal server error.", speech), String(describing: error))
    }
  }

  static func failure(_ status: Int, _ reason: String, _ speech: Speech) -> Response {
    Response(status, headers: speech.headers, body: .bytes(speech.failure(status, reason)))
  }

  private static func response(_ refusal: Refusal, _ speech: Speech) -> Response {
    let status: Int
    var headers: [Response.Header] = []
    switch refusal {
    case .invalid, .malformed: status = 400
    case .unauthenticated, .incomplete:
      status = 401
      headers = [.init("WWW-Authenticate", "Bearer realm=\"havocctl\"")]
    case .forbidden: status = 403
    case .notFound: status = 404
    case .taken, .conflict: status = 409
    case .busy(let seconds):
      status = 503
      headers = [.init("Retry-After", "\(seconds)")]
    case .tooMany(let seconds):
      status = 429
      headers = [.init("Retry-After", "\(seconds)")]
    case .unavailable:
      status = 503
      headers = [.init("Retry-After", "30")]
    }
    return Response(
      status, headers: speech.headers + headers, body: .bytes(speech.refusal(status, refusal)))
  }
}
