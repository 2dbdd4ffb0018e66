import Domain
import Postgres

/// A request at its route: what it carries, who makes it, and what serves it.
public struct Context: Sendable {
  public let request: Request
  /// The numbers in the path, in order.
  public let numbers: [Int64]
  let form: FormBody
  let fields: [Field]
  public let services: Services

  /// The body's fields as the route takes them. To be asked for after the caller is known, so that
  /// a stranger learns nothing of them.
  /// - Throws: `.invalid` with every fault.
  func input() throws(Refusal) -> Input { try Input(form, fields: fields) }

  /// Who does what this request does, for the audit.
  func actor(_ name: String = "-") -> Actor {
    Actor(name: name, address: request.address, request: request.id)
  }

  /// Where a sign-in through this request comes from.
  func origin(_ dialect: Dialect) -> Origin {
    Origin(dialect: dialect, address: request.address, userAgent: request.head.userAgent)
  }

  var signIn: SignIn { SignIn(services.database, tools: services.tools, actor: actor()) }

  private var authenticator: Authenticator {
    Authenticator(services.database, keys: services.tools.keys)
  }

  /// Who makes the request.
  /// - Throws: `.unauthenticated`.
  func caller() async throws -> Caller {
    let caller = try await authenticator.caller(try credential())
    services.noteSeen(caller)
    return caller
  }

  /// Who makes the request, together with what a `Statement.withCaller` selects: one round trip.
  func caller(
    with statement: Statement, _ parameters: Parameter...
  ) async throws -> (caller: Caller, rows: Rows) {
    let found = try await authenticator.caller(
      try credential(), with: statement, parameters: parameters)
    services.noteSeen(found.caller)
    return found
  }

  /// Who makes the request, who must be an administrator.
  func admin() async throws -> Caller {
    let caller = try await caller()
    guard caller.permission.isAdmin else {
      throw Refusal.forbidden("You do not have permission to perform this action.")
    }
    return caller
  }

  /// The credential that the request presents.
  /// - Throws: `.unauthenticated` where it presents none that is known.
  func credential() throws(Refusal) -> PresentedCredential {
    if let header = request.head.authorization {
      guard let credential = PresentedCredential(authorization: header) else {
        throw Authenticator.rejected
      }
      return credential
    }
    guard form[Field.sessionToken.name] != nil else {
      throw .unauthenticated("Authentication credentials were not provided.")
    }
    let input = try Input(form, fields: [.username, .sessionToken])
    return .sessionToken(input.required(.sessionToken), username: input.required(.username))
  }
}

extension PresentedCredential {
  /// Reads `Authorization: Bearer …`, `JWT …` or `Token …`; the scheme in either case (RFC 9110,
  /// section 11.1).
  init?(authorization header: String) {
    let bytes = header.utf8
    let space = UInt8(ascii: " ")
    guard let end = bytes.firstIndex(of: space) else { return nil }
    let token = bytes[end...].drop { $0 == space }
    guard !token.isEmpty, let text = String(token) else { return nil }
    let scheme = bytes[..<end]
    switch scheme.count {
    case 6 where scheme.lowercasedEquals("bearer"): self = .access(text)
    case 3 where scheme.lowercasedEquals("jwt"): self = .access(text)
    case 5 where scheme.lowercasedEquals("token"): self = .opaque(text)
    default: return nil
    }
  }
}

extension Substring.UTF8View {
  /// Whether the bytes are these lower-case letters, in either case.
  fileprivate func lowercasedEquals(_ letters: StaticString) -> Bool {
    var index = 0
    for byte in self {
      guard index < letters.utf8CodeUnitCount, byte | 0x20 == letters.utf8Start[index] else {
        return false
      }
      index += 1
    }
    return index == letters.utf8CodeUnitCount
  }
}
