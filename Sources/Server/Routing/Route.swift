import Domain

/// One endpoint: where it is, what it takes, who may call it, and what it does.
public struct Route: Sendable {
  /// Who may call.
  public enum Access: Sendable {
    case anyone
    /// Anybody who is signed in; the handler asks who it is, together with its own question.
    case caller
    /// Whose permission is an administrator's.
    case admin
  }

  let method: Method
  /// Segments; `<int:name>` stands for digits, `<str:name>` for anything.
  let path: String
  let speech: Speech
  let access: Access
  let fields: [Field]
  /// How large a body it takes.
  private(set) var bodySize = HTTPLimits.BodySize.usual
  /// Whether a browser that has none yet is given the cookies.
  private(set) var givesCookies = false
  let handle: @Sendable (Context) async throws -> Response

  init(
    _ method: Method, _ path: String, _ speech: Speech, _ access: Access, _ fields: [Field] = [],
    handle: @escaping @Sendable (Context) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.speech = speech
    self.access = access
    self.fields = fields
    self.handle = handle
  }

  /// The same endpoint, which takes larger bodies.
  func taking(_ size: HTTPLimits.BodySize) -> Route {
    var copy = self
    copy.bodySize = size
    return copy
  }

  /// The same endpoint, which gives a browser the cookies that it doesn't have yet.
  func givingCookies() -> Route {
    var copy = self
    copy.givesCookies = true
    return copy
  }
}
