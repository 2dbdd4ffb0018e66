import Postgres

/// A credential as a request presents it.
public enum PresentedCredential: Sendable, Hashable {
  /// `Authorization: Bearer` or `JWT`.
  case access(String)
  /// `Authorization: Token`.
  case opaque(String)
  /// havoc's `username` and `session_token`; sockets have no place for the name.
  case sessionToken(String, username: String?)
  /// The cookie `sessionid`.
  case web(String)
  /// The dashboard's cookie.
  case dashboard(String)
}

/// Finds out who a request is from, in the same round trip as the request's own statement.
public struct Authenticator: Sendable {
  let database: any Querying
  private let keys: SigningKeys

  public init(_ database: any Querying, keys: SigningKeys) {
    self.database = database
    self.keys = keys
  }

  /// What every credential that doesn't stand is answered with.
  public static let rejected = Refusal.unauthenticated("The credential is invalid or has expired.")

  /// What is answered to somebody who is known and banned.
  public static let banned = Refusal.forbidden("You are banned.")

  private static let who = Statement(
    "SELECT \(Caller.columns) FROM \(Caller.source) WHERE \(Caller.isValid)")

  /// Who presents the credential.
  /// - Throws: `.unauthenticated`, `.forbidden` for somebody who is banned.
  public func caller(_ credential: PresentedCredential) async throws -> Caller {
    let hash =
      if let known = try knownHash(of: credential) { known } else { try await hash(of: credential) }
    let caller = try await database.first(Caller.self, Self.who, .bytes(hash))
    return try Self.accept(caller, credential)
  }

  /// Who presents the credential, together with what a statement of `Statement.withCaller` selects.
  /// - Parameter parameters: for the statement's placeholders from `$2` on.
  /// - Returns: the rows in full; their first columns are the caller's, and `cells(behindCaller:)`
  ///   starts behind them. There is one row with nothing behind the caller when nothing was found.
  public func caller(
    _ credential: PresentedCredential, with statement: Statement, parameters: [Parameter]
  ) async throws -> (caller: Caller, rows: Rows) {
    let hash =
      if let known = try knownHash(of: credential) { known } else { try await hash(of: credential) }
    let bound = BoundStatement(statement: statement, parameters: [.bytes(hash)] + parameters)
    let rows = try await database.query(bound)
    return (try Self.accept(try rows.first?.decode(Caller.self), credential), rows)
  }

  /// The hash to look for. A token whose signature doesn't verify never reaches the database.
  /// - Returns: nil where the database has to be asked for the token's key. Nearly nobody waits for
  ///   that, and who doesn't is spared an asynchronous call.
  private func knownHash(of credential: PresentedCredential) throws(Refusal) -> [UInt8]? {
    switch credential {
    case .access(let token):
      guard let ring = keys.known else { return nil }
      do {
        return try ring.verified(token, as: .access, now: Timestamp.now.seconds).hash
      } catch {
        guard error == .unknownKey else { throw Self.rejected }
        return nil
      }
    case .opaque(let token):
      guard token.utf8.count == 40 else { throw Self.rejected }
      return Secrets.sha256(token)
    case .sessionToken(let token, _), .web(let token), .dashboard(let token):
      guard token.utf8.count == 43 else { throw Self.rejected }
      return Secrets.sha256(token)
    }
  }

  private func hash(of credential: PresentedCredential) async throws -> [UInt8] {
    guard case .access(let token) = credential else { throw Self.rejected }
    return try await verified(token, as: .access).hash
  }

  /// Whether a token is good, be it for requests or for refreshing.
  /// - Throws: `.unauthenticated`.
  public func verify(token: String) async throws {
    let hash = try await verified(token, as: nil).hash
    guard let caller = try await database.first(Caller.self, Self.who, .bytes(hash)) else {
      throw Self.rejected
    }
    guard !caller.isBanned else { throw Self.banned }
  }

  /// - Throws: `.unauthenticated`.
  func verified(
    _ token: String, as type: TokenClaims.TokenType?
  ) async throws -> VerifiedTokens.Entry {
    let now = Timestamp.now.seconds
    do {
      return try await keys.keyRing(database).verified(token, as: type, now: now)
    } catch let rejection as TokenRejection {
      guard rejection == .unknownKey,
        let ring = try await keys.reloadForUnknownKey(database),
        let entry = try? ring.verified(token, as: type, now: now)
      else { throw Self.rejected }
      return entry
    }
  }

  /// A hash names one credential, but a cookie's text presented as a token must not pass for one.
  private static func accept(
    _ caller: Caller?, _ credential: PresentedCredential
  ) throws -> Caller {
    guard let caller else { throw rejected }
    let matches =
      switch credential {
      case .access: caller.kind == CredentialKind.access.rawValue
      case .opaque: caller.kind == CredentialKind.opaque.rawValue
      case .web: caller.kind == CredentialKind.web.rawValue
      case .dashboard: caller.kind == CredentialKind.dashboard.rawValue
      case .sessionToken(_, let username):
        caller.kind == CredentialKind.sessionToken.rawValue
          && username.map { $0.trimmed.caseFoldedKey == caller.username.caseFoldedKey } ?? true
      }
    guard matches else { throw rejected }
    guard !caller.isBanned else { throw banned }
    return caller
  }
}

extension Statement {
  /// A statement that finds the caller whose credential's hash is `$1` and, only for one who
  /// stands, what `query` selects, row by row behind the caller's columns.
  public static func withCaller(_ query: String, columns: String) -> Statement {
    Statement(
      """
      SELECT \(Caller.columns), \(columns) FROM \(Caller.source)
      LEFT JOIN LATERAL (\(query)) q ON true WHERE \(Caller.isValid)
      """)
  }
}

extension Row {
  /// The cells behind the caller's; nil where the statement found nothing.
  public func cellsBehindCaller() -> Cells? {
    var cells = self.cells
    cells.skip(Caller.columnCount)
    return cells.isNextNull ? nil : cells
  }
}
