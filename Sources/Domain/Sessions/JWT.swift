import Postgres
import Synchronization

/// What a token of ours says (RFC 7519): the reference's claims, and `sid` for the session.
public struct TokenClaims: Sendable, Hashable {
  public enum TokenType: String, Sendable { case access, refresh }

  public let type: TokenType
  public let id: UUID
  public let account: Int64
  public let session: UUID
  /// Unix time.
  public let issued: Int64
  /// Unix time.
  public let expires: Int64

  public init(
    type: TokenType, id: UUID, account: Int64, session: UUID, issued: Int64, expires: Int64
  ) {
    self.type = type
    self.id = id
    self.account = account
    self.session = session
    self.issued = issued
    self.expires = expires
  }
}

/// A key that signs tokens with HS256 (RFC 7515, RFC 7518 section 3.2).
public struct SigningKey: Sendable {
  public let kid: String
  let secret: [UInt8]
  /// The one header that tokens of this key have, encoded. A token with any other header, whatever
  /// it means, isn't ours: so no algorithm, key reference or `crit` is ever taken from a token.
  let header: [UInt8]

  init(kid: String, secret: [UInt8]) {
    self.kid = kid
    self.secret = secret
    header = Base64URL.encode(
      JSONWriter.object {
        $0.field("alg", "HS256")
        $0.field("typ", "JWT")
        $0.field("kid", kid)
      })
  }

  /// The token's text. The same claims always give the same text.
  public func sign(_ claims: TokenClaims) -> String {
    let payload = JSONWriter.object {
      $0.field("token_type", claims.type.rawValue)
      $0.field("exp", claims.expires)
      $0.field("iat", claims.issued)
      $0.field("jti", claims.id.hex)
      $0.field("user_id", claims.account)
      $0.field("sid", claims.session.description)
    }
    var token = header
    token.append(UInt8(ascii: "."))
    token.append(contentsOf: Base64URL.encode(payload))
    let signature = Secrets.hmac(key: secret, token)
    token.append(UInt8(ascii: "."))
    token.append(contentsOf: Base64URL.encode(signature))
    return String(decoding: token, as: UTF8.self)
  }
}

/// Why a token is refused; never told to the caller in more words than "invalid or expired".
public enum TokenRejection: Error, Sendable, Equatable {
  case malformed
  case unknownKey
  case badSignature
  case badClaims
  case expired
  case issuedInFuture
  case wrongType
}

/// The keys that verify tokens now.
public struct KeyRing: Sendable {
  /// A longer text can't be a token of ours and is refused unread.
  static let longestToken = 2_048
  /// Clocks of several servers may differ this much, in seconds.
  static let clockLeeway: Int64 = 60

  private let keys: [[UInt8]: SigningKey]
  private let verifiedTokens = VerifiedTokens()
  /// The one that signs.
  public let current: SigningKey

  init(current: SigningKey, others: [SigningKey]) {
    self.current = current
    keys = Dictionary(
      ([current] + others).map { ($0.header, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Every key that verifies.
  var all: some Collection<SigningKey> { keys.values }

  func key(_ kid: String) -> SigningKey? { keys.values.first { $0.kid == kid } }

  /// Checks a token's key, signature, times and type; whether its session stands is for the
  /// database to tell.
  /// - Parameter type: nil for either.
  public func verify(
    _ token: String, as type: TokenClaims.TokenType?, now: Int64
  ) throws(TokenRejection) -> TokenClaims {
    try verified(token, as: type, now: now).claims
  }

  /// The same, with the token's hash. Whether a signature is good never changes while the keys are
  /// the same, so it is computed once for a token that comes again and again.
  func verified(
    _ token: String, as type: TokenClaims.TokenType?, now: Int64
  ) throws(TokenRejection) -> VerifiedTokens.Entry {
    let entry: VerifiedTokens.Entry
    if let kept = verifiedTokens[token] {
      entry = kept
    } else {
      entry = VerifiedTokens.Entry(claims: try claims(of: token), hash: Secrets.sha256(token))
      verifiedTokens[token] = entry
    }
    guard entry.claims.expires > now else { throw .expired }
    guard entry.claims.issued <= now + Self.clockLeeway else { throw .issuedInFuture }
    guard type == nil || entry.claims.type == type else { throw .wrongType }
    return entry
  }

  private func claims(of token: String) throws(TokenRejection) -> TokenClaims {
    guard token.isASCII else { throw .malformed }
    let bytes = Array(token.utf8)
    guard bytes.count <= Self.longestToken else { throw .malformed }
    let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
    guard dots.count == 2 else { throw .malformed }
    guard let key = keys[Array(bytes[..<dots[0]])] else { throw .unknownKey }
    guard let signature = Base64URL.decode(bytes[(dots[1] + 1)...]) else { throw .malformed }
    let expected = Secrets.hmac(key: key.secret, Array(bytes[..<dots[1]]))
    guard Secrets.areEqual(signature, expected) else { throw .badSignature }
    guard let payload = Base64URL.decode(bytes[(dots[0] + 1)..<dots[1]]),
      let json = try? JSON.parse(payload), let claims = TokenClaims(json)
    else { throw .badClaims }
    return claims
  }
}

/// Tokens whose signature was found good under one ring of keys.
final class VerifiedTokens: Sendable {
  struct Entry: Sendable {
    let claims: TokenClaims
    /// SHA-256 of the token, which the database knows it by.
    let hash: [UInt8]
  }

  /// About 10 MiB at the most. All are forgotten then, which costs each a signature again.
  private static let limit = 16_384

  private struct Key: Hashable {
    let token: String

    /// What is equal to a letter in a `String` without being it takes more bytes.
    static func == (a: Key, b: Key) -> Bool {
      a.token.utf8.count == b.token.utf8.count && a.token == b.token
    }

    /// The end of a token is of its signature, and so tells it from all others.
    func hash(into hasher: inout Hasher) {
      var token = token
      token.withUTF8 { token in
        let end = UnsafeRawBufferPointer(token).suffix(16)
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: end))
      }
    }
  }

  private let entries = Mutex<[Key: Entry]>([:])

  subscript(token: String) -> Entry? {
    get { entries.withLock { $0[Key(token: token)] } }
    set {
      entries.withLock { entries in
        if entries.count >= Self.limit { entries.removeAll() }
        entries[Key(token: token)] = newValue
      }
    }
  }
}

extension TokenClaims {
  init?(_ json: JSON) {
    guard let type = json["token_type"]?.string.flatMap(TokenType.init),
      let id = json["jti"]?.string.flatMap({ UUID($0) }),
      let session = json["sid"]?.string.flatMap({ UUID($0) }),
      let account = json["user_id"]?.int,
      let issued = json["iat"]?.int, let expires = json["exp"]?.int
    else { return nil }
    self.init(
      type: type, id: id, account: account, session: session, issued: issued, expires: expires)
  }
}
