import Postgres

/// Signing in through another service's accounts: OAuth 2's authorization code grant (RFC 6749,
/// section 4.1) with PKCE (RFC 7636).
public struct OAuth: Sendable {
  public struct Settings: Sendable {
    public var clientID = ""
    public var clientSecret = ""
    public var authorizeURL = ""
    public var tokenURL = ""
    public var userinfoURL = ""
    public var redirectURL = ""
    public var scope = ""
    public var fields = OAuthFields()
    /// Whether an account with the same verified e-mail address is taken for the same person.
    public var linksByEmail = false
    public var timeout = Duration.seconds(10)
    public var authorities: String?

    public init() {}
  }

  /// How long somebody may take at the other service.
  public static let stateLifetime = Duration.seconds(600)

  let database: any Querying
  let settings: Settings
  let transfers: Transfers

  public init(_ database: any Querying, settings: Settings, transfers: Transfers) {
    self.database = database
    self.settings = settings
    self.transfers = transfers
  }

  // MARK: Going there

  /// Where to send a browser, and what it is to keep meanwhile.
  public struct Departure: Sendable {
    public let address: String
    /// For a cookie: a state is good only in the browser that began with it.
    public let browser: String
  }

  public func depart() async throws -> Departure {
    let state = Secrets.token()
    let browser = Secrets.token()
    try await database.query(
      Self.store, .bytes(Secrets.sha256(state)), .bytes(Secrets.sha256(browser)),
      .time(.now + Self.stateLifetime))
    let challenge = Base64URL.encode(Secrets.sha256(Self.verifier(state, browser)))
    let query = FormEncoding.encode([
      ("response_type", "code"), ("client_id", settings.clientID),
      ("redirect_uri", settings.redirectURL), ("scope", settings.scope), ("state", state),
      ("code_challenge", String(decoding: challenge, as: UTF8.self)),
      ("code_challenge_method", "S256"),
    ])
    let mark = settings.authorizeURL.contains("?") ? "&" : "?"
    return Departure(address: settings.authorizeURL + mark + query, browser: browser)
  }

  /// The secret behind the challenge. It follows from what the browser keeps, so that it needn't be
  /// kept here.
  private static func verifier(_ state: String, _ browser: String) -> String {
    let mac = Secrets.hmac(key: Array(browser.utf8), Array("pkce \(state)".utf8))
    return String(decoding: Base64URL.encode(mac), as: UTF8.self)
  }

  private static let store = Statement(
    "INSERT INTO oauth_state (hash, browser, expires) VALUES ($1, $2, $3)", .writes)

  // MARK: Coming back

  /// Uses up a state that came back.
  /// - Throws: `.invalid` where it isn't this browser's, was used, or is too old.
  public func consume(state: String, browser: String?) async throws {
    let rows = try await database.query(
      Self.consume, .bytes(Secrets.sha256(state)), .bytes(Secrets.sha256(browser ?? "")))
    guard rows.affected == 1 else {
      throw Refusal.invalid([
        FieldError("state", "It is unknown, used or too old. Begin again at /oauth/authorize.")
      ])
    }
  }

  private static let consume = Statement(
    "DELETE FROM oauth_state WHERE hash = $1 AND browser = $2 AND expires > now()", .writes)

  /// Exchanges the code that came back for what the service tells of its user.
  /// - Throws: `.unauthenticated` where the service refuses, `.unavailable` where it can't be had.
  public func person(code: String, state: String, browser: String) async throws -> OAuthPerson {
    let token = try await accessToken(code: code, verifier: Self.verifier(state, browser))
    var request = transfer(.get, settings.userinfoURL)
    request.headers.append("Authorization: Bearer \(token)")
    let answer = try await perform(request)
    guard answer.code == 200, let json = try? JSON.parse(answer.body),
      let person = settings.fields.read(json)
    else { throw Self.unusable }
    return person
  }

  private func accessToken(code: String, verifier: String) async throws -> String {
    let form = FormEncoding.encode([
      ("grant_type", "authorization_code"), ("code", code),
      ("redirect_uri", settings.redirectURL), ("client_id", settings.clientID),
      ("client_secret", settings.clientSecret), ("code_verifier", verifier),
    ])
    let answer = try await perform(transfer(.post(Array(form.utf8)), settings.tokenURL))
    if (400..<500).contains(answer.code) {
      throw Refusal.unauthenticated("The other service refused the code. Begin again.")
    }
    guard answer.code == 200, let json = try? JSON.parse(answer.body),
      let token = json["access_token"]?.string,
      token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !token.isEmpty
    else { throw Self.unusable }
    return token
  }

  private static let unusable = Refusal.unavailable(
    "The other service's answer can't be used. Try again later.")

  private func transfer(_ kind: Transfer.Kind, _ url: String) -> Transfer {
    var transfer = Transfer(kind, url)
    transfer.headers = ["Accept: application/json"]
    transfer.timeout = settings.timeout
    transfer.authorities = settings.authorities
    return transfer
  }

  private func perform(_ transfer: Transfer) async throws -> Transfer.Outcome {
    do {
      return try await transfers.perform(transfer)
    } catch {
      throw Refusal.unavailable("The other service can't be reached. Try again later.")
    }
  }
}
