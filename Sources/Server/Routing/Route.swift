import Domain

/// One endpoint: where it is, what it takes, who may call it, and what it does. A class, because every
/// request is handed its route through several functions.
public final class Route: Sendable {
  /// Who may call.
  public enum Access: Sendable {
    case anyone
    /// Anybody who is signed in; the handler asks who it is, together with its own question.
    case caller
    /// Whose permission is an administrator's.
    case admin
  }

  let method: Method
  /// Segments; `<int:name>` stands for digits, `<str:name>` for anything. A slash at the end is how
  /// the reference spells it, and makes no difference.
  let path: String
  let speech: Speech
  let access: Access
  let fields: [Field]
  /// Where it stands among the router's.
  let number: Int
  /// How large a body it takes.
  let bodySize: HTTPLimits.BodySize
  /// Whether a browser that has none yet is given the cookies.
  let givesCookies: Bool
  /// What is told about it.
  let documentation: Documentation
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
    number = 0
    bodySize = .usual
    givesCookies = false
    documentation = Documentation()
  }

  /// The same endpoint, of which something else is told.
  private init(
    _ route: Route, number: Int? = nil, bodySize: HTTPLimits.BodySize? = nil,
    givesCookies: Bool? = nil, documentation: Documentation? = nil
  ) {
    method = route.method
    path = route.path
    speech = route.speech
    access = route.access
    fields = route.fields
    handle = route.handle
    self.number = number ?? route.number
    self.bodySize = bodySize ?? route.bodySize
    self.givesCookies = givesCookies ?? route.givesCookies
    self.documentation = documentation ?? route.documentation
  }

  func numbered(_ number: Int) -> Route { Route(self, number: number) }

  /// The same endpoint, which takes larger bodies.
  func taking(_ size: HTTPLimits.BodySize) -> Route { Route(self, bodySize: size) }

  /// The same endpoint, which gives a browser the cookies that it doesn't have yet.
  func givingCookies() -> Route { Route(self, givesCookies: true) }

  /// The same endpoint, with something else told about it.
  func describing(_ change: (inout Documentation) -> Void) -> Route {
    var documentation = documentation
    change(&documentation)
    return Route(self, documentation: documentation)
  }
}
