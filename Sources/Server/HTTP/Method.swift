/// A request's method (RFC 9110, section 9).
public enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
  /// A GET with a body, which nothing here takes yet.
  case query = "QUERY"

  /// Its place among all of them.
  var number: Int {
    switch self {
    case .get: 0
    case .head: 1
    case .post: 2
    case .put: 3
    case .patch: 4
    case .delete: 5
    case .options: 6
    case .query: 7
    }
  }
}
