import Postgres

/// A credential as it is handed out, once: the database keeps its hash.
public struct IssuedCredential: Sendable {
  public let id: UUID
  public let kind: CredentialKind
  public let text: String
  let kid: String?
  let created: Timestamp
  let expires: Timestamp

  var hash: [UInt8] { Secrets.sha256(text) }
}

/// Makes credentials for one session.
struct CredentialIssuer: Sendable {
  let keys: KeyRing
  let lifetimes: Lifetimes
  let account: Int64
  let session: UUID
  let now: Timestamp

  /// - Parameter lifetime: nil for the kind's own.
  func issue(_ kind: CredentialKind, lifetime: Duration? = nil) -> IssuedCredential {
    let id = UUID.random()
    // Tokens tell whole seconds, and their repetition must be the same to the letter.
    let created = Timestamp(seconds: now.seconds)
    let expires = created + (lifetime ?? lifetimes[kind])
    let text: String
    var kid: String?
    switch kind {
    case .access, .refresh:
      kid = keys.current.kid
      text = keys.current.sign(
        TokenClaims(
          type: kind == .access ? .access : .refresh, id: id, account: account, session: session,
          issued: created.seconds, expires: expires.seconds))
    case .opaque: text = Secrets.random(20).hex
    case .sessionToken, .web, .dashboard:
      text = Secrets.token()
    }
    return IssuedCredential(
      id: id, kind: kind, text: text, kid: kid, created: created, expires: expires)
  }

  /// The statement that stores a credential.
  func store(_ credential: IssuedCredential) -> BoundStatement {
    Self.insert(
      .uuid(credential.id), .uuid(session), .text(credential.kind.rawValue),
      .bytes(credential.hash), .text(credential.kid), .time(credential.created),
      .time(credential.expires))
  }

  private static let insert = Statement(
    """
    INSERT INTO credential (id, session, kind, hash, kid, created, expires)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """, .writes)
}
