import Domain
import Postgres

/// A request at its route: what it carries, who makes it, and what serves it. A class for the reason
/// that `Request` is one.
public final class Context: Sendable {
  public let request: Request
  let path: PathValues
  let form: FormBody
  /// Sets of integers that the body holds, where it was read for them.
  let upload: SetUpload?
  let fields: [Field]
  public let services: Services

  init(
    request: Request, path: PathValues, form: FormBody, upload: SetUpload?, fields: [Field],
    services: Services
  ) {
    self.request = request
    self.path = path
    self.form = form
    self.upload = upload
    self.fields = fields
    self.services = services
  }

  /// The numbers in the path, in order.
  var numbers: [Int64] { path.numbers }

  /// The body's fields as the route takes them. To be asked for after the caller is known, so that
  /// a stranger learns nothing of them.
  /// - Throws: `.invalid` with every fault.
  func input() throws(Refusal) -> Input { try Input(form, fields: fields) }

  /// The same, with the faults beside what is right of it, for who goes on to look for others.
  func inputWithFaults() -> (input: Input, faults: [FieldError]) {
    Input.withFaults(form, fields: fields)
  }

  /// Who does what this request does, for the audit.
  func actor(_ name: String = "-") -> Actor {
    Actor(name: name, address: request.address, request: request.id)
  }

  /// Where a sign-in through this request comes from.
  func origin(_ dialect: Dialect) -> Origin {
    Origin(dialect: dialect, address: request.address, userAgent: request.head.userAgent)
  }

  /// Signs in with what the request's body gives.
  func signIn(
    _ input: Input, _ dialect: Dialect, _ kinds: [CredentialKind]
  ) async throws -> SignIn.Success {
    let proof = SignIn.Proof(
      username: input.required(.username), password: Password(input.required(.password)),
      code: input.text(.code))
    return try await signIn(proof, dialect, kinds)
  }

  /// - Parameter admits: whether an account may sign in there at all.
  func signIn(
    _ proof: SignIn.Proof, _ dialect: Dialect, _ kinds: [CredentialKind],
    admits: @Sendable (User) -> Bool = { _ in true }
  ) async throws -> SignIn.Success {
    do {
      let success = try await signIns.signIn(
        proof, from: origin(dialect), kinds: kinds, admits: admits)
      services.traffic.add(.signIns)
      return success
    } catch {
      if error is Refusal { services.traffic.add(.signInFailures) }
      throw error
    }
  }

  /// Sends a code by e-mail to whom it is for, if it is anybody.
  /// - Throws: `.tooMany`.
  func requestCode(username: String, email: String) async throws {
    let tools = services.tools
    try await Attempts(services.database, limits: tools.limits).take(
      .sendCode, Attempts.subjects(username: username, address: request.address))
    try await LoginCodes(services.database, keys: tools.keys).request(
      username: username, email: email)
  }

  /// Signs up with what the request's body gives.
  func signUp(_ form: SignUp.Form) async throws -> User {
    try await SignUp(
      services.database, tools: services.tools, rules: services.rules, actor: actor()
    ).signUp(form)
  }

  var signIns: SignIn { SignIn(services.database, tools: services.tools, actor: actor()) }
  var refresh: Refresh { Refresh(services.database, tools: services.tools, actor: actor()) }
  var sessions: Sessions { Sessions(services.database, actor: actor()) }
  var ownAccount: OwnAccount {
    OwnAccount(services.database, tools: services.tools, rules: services.rules, actor: actor())
  }

  private var authenticator: Authenticator {
    Authenticator(services.database, keys: services.tools.keys)
  }

  // MARK: The caller

  /// Who makes the request.
  /// - Throws: `.unauthenticated`; `.forbidden` for who is banned, and for what may be forged.
  func caller() async throws -> Caller {
    let credential: PresentedCredential
    do { credential = try self.credential() } catch { throw await recorded(error) }
    return try await caller(by: credential)
  }

  /// Whose credential it is.
  /// - Throws: `.unauthenticated`; `.forbidden` for who is banned.
  func caller(by credential: PresentedCredential) async throws -> Caller {
    let caller = try await authenticator.caller(credential)
    if !isUpToDate(caller) { try await services.bans.load(services.database) }
    try admit(caller)
    return caller
  }

  /// Whether the bans are known here as they were when the caller was found.
  private func isUpToDate(_ caller: Caller) -> Bool { services.bans.include(caller.bansVersion) }

  private func admit(_ caller: Caller) throws(Refusal) {
    guard !services.bans.contain(request.address) else { throw Authenticator.banned }
    services.noteSeen(caller)
  }

  /// What looks forged is on record before it is refused.
  private func recorded(_ refusal: Refusal) async -> any Error {
    guard case .forbidden(let why) = refusal else { return refusal }
    let cookie = request.head.cookie(CookieName.session) ?? ""
    let owner = try? await authenticator.caller(.web(cookie)).username
    do { try await recordRefusal(owner ?? "-", why) } catch { return error }
    return refusal
  }

  private func recordRefusal(_ name: String, _ why: String) async throws {
    try await services.database.query(
      Audit.record(
        .refused, by: actor(name), on: "\(request.method.rawValue) \(request.path)", .refused,
        after: [.init("why", .string(why))]))
  }

  /// Who makes the request, together with what a `Statement.withCaller` selects: one round trip.
  func caller(
    with statement: Statement, _ parameters: Parameter...
  ) async throws -> (caller: Caller, rows: Rows) {
    let credential: PresentedCredential
    do { credential = try self.credential() } catch { throw await recorded(error) }
    return try await caller(by: credential, with: statement, parameters)
  }

  /// The same by a credential that isn't one of the API's.
  func caller(
    by credential: PresentedCredential, with statement: Statement, _ parameters: [Parameter] = []
  ) async throws -> (caller: Caller, rows: Rows) {
    let found = try await authenticator.caller(
      credential, with: statement, parameters: parameters)
    if !isUpToDate(found.caller) { try await services.bans.load(services.database) }
    try admit(found.caller)
    return found
  }

  /// Who makes the request, who must be an administrator.
  func admin() async throws -> Caller {
    let caller = try await caller()
    guard caller.permission.isAdmin else {
      try await recordRefusal(caller.username, "not an administrator")
      throw Refusal.forbidden("You do not have permission to perform this action.")
    }
    return caller
  }

  /// The credential that says who makes the request: the header before the body before the cookie.
  /// - Throws: `.unauthenticated` where there is none that is known; `.forbidden` where a cookie is
  ///   the only one and the request may be forged.
  func credential() throws(Refusal) -> PresentedCredential {
    if let header = request.head.authorization {
      guard let credential = PresentedCredential(authorization: header) else {
        throw Authenticator.rejected
      }
      return credential
    }
    if let credential = try bodyCredential() { return credential }
    guard let cookie = request.head.cookie(CookieName.session) else {
      throw .unauthenticated("Authentication credentials were not provided.")
    }
    try checkForgery()
    return .web(cookie)
  }

  /// Whether the body says who makes the request.
  var isProvedByBody: Bool { request.head.authorization == nil && hasBodyCredential }

  private var hasBodyCredential: Bool { form[Field.sessionToken.name] != nil }

  private static let proof = [Field.username, .sessionToken]

  private func bodyCredential() throws(Refusal) -> PresentedCredential? {
    guard hasBodyCredential else { return nil }
    let input = try Input(form, fields: Self.proof)
    return .sessionToken(input.required(.sessionToken), username: input.required(.username))
  }

  /// Whether the session of the browser's cookie may be ended: not by another site's page, which can
  /// write a body of its own beside the cookie, but no Authorization header.
  /// - Throws: `.forbidden` where the cookie is the only credential.
  private func mayEnd(isOnly: Bool) throws(Refusal) -> Bool {
    guard request.head.authorization == nil else { return true }
    do {
      try checkForgery()
      return true
    } catch {
      if isOnly { throw error }
      return false
    }
  }

  /// Ends the session of every credential that the request presents; one that stands is enough.
  /// - Parameters:
  ///   - refreshToken: from the body, where the dialect has it there.
  ///   - deletingData: whether the sets of integers of whose they are go with them.
  /// - Throws: `.unauthenticated` where none stands.
  func signOut(refreshToken: String?, deletingData: Bool = false) async throws {
    var presented: [PresentedCredential] = []
    if let header = request.head.authorization.flatMap(PresentedCredential.init(authorization:)) {
      presented.append(header)
    }
    if let body = try bodyCredential() { presented.append(body) }
    if let cookie = request.head.cookie(CookieName.session),
      try mayEnd(
        isOnly: presented.isEmpty && refreshToken == nil)
    {
      presented.append(.web(cookie))
    }
    var ended = 0
    var refusal = Refusal.unauthenticated("Authentication credentials were not provided.")
    func attempt(_ signOut: () async throws -> Void) async throws {
      do {
        try await signOut()
        ended += 1
      } catch let error as Refusal {
        refusal = error
      }
    }
    // All are looked at before any is ended: several may be of one session.
    var callers: [UUID: Caller] = [:]
    for credential in presented {
      try await attempt {
        let caller = try await authenticator.caller(credential)
        callers[caller.session] = caller
      }
    }
    for caller in callers.values {
      try await sessions.signOut(caller, deletingData: deletingData)
    }
    if let refreshToken {
      try await attempt {
        try await sessions.signOut(
          refreshToken: refreshToken, keys: services.tools.keys, deletingData: deletingData)
      }
    }
    guard ended > 0 else { throw refusal }
  }
}

extension PresentedCredential {
  /// Reads `Authorization: Bearer …`, `JWT …` or `Token …`; the scheme in either case (RFC 9110,
  /// section 11.1).
  init?(authorization header: String) {
    var header = header
    let credential = header.withUTF8 { bytes -> PresentedCredential? in
      let space = UInt8(ascii: " ")
      guard let end = bytes.firstIndex(of: space),
        let start = bytes[end...].firstIndex(where: { $0 != space })
      else { return nil }
      let scheme = UnsafeBufferPointer(rebasing: bytes[..<end])
      let token = String(decoding: bytes[start...], as: UTF8.self)
      switch scheme.count {
      case 6 where scheme.isLetters("bearer"), 3 where scheme.isLetters("jwt"):
        return .access(token)
      case 5 where scheme.isLetters("token"): return .opaque(token)
      default: return nil
      }
    }
    guard let credential else { return nil }
    self = credential
  }
}
