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
  /// Segments; `<int:name>` stands for digits.
  let path: String
  let speech: Speech
  let access: Access
  let fields: [Field]
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
}
