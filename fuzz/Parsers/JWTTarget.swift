import CCrypto
import Glibc
import Postgres

@testable import Domain

/// Nothing is accepted but what the keys have signed, which is found out here without the code that
/// is under test.
///
/// The first line says what the rest is: `token`, taken as it is; `payload`, which is signed and then
/// read; `edits`, pairs of a place and a byte, by which a good token is changed.
enum JWTTarget {
  private static let key = SigningKey(kid: "one", secret: Array(repeating: 7, count: 32))
  private static let old = SigningKey(kid: "zero", secret: Array(repeating: 6, count: 32))
  private static let ring = KeyRing(current: key, others: [old])
  private static let now: Int64 = 1_800_000_000
  private static let good = key.sign(
    TokenClaims(
      type: .access, id: .random(), account: 42, session: .random(), issued: now,
      expires: now + 60))

  static func check(_ bytes: UnsafeRawBufferPointer) {
    var input = FuzzInput(bytes)
    let kind = String(decoding: input.line(), as: UTF8.self)
    switch kind {
    case "payload": sign(Array(input.rest))
    case "edits": edit(Array(input.rest))
    default: _ = verify(String(decoding: input.rest, as: UTF8.self))
    }
    if let text = String(validating: input.rest, as: UTF8.self) { encode(text, Array(input.rest)) }
  }

  /// Twice, because the second time the token may be known.
  private static func verify(_ token: String) -> TokenClaims? {
    var found: [TokenClaims?] = []
    for _ in 0..<2 { found.append(try? ring.verify(token, as: nil, now: now)) }
    require(found[0] == found[1], "a token is judged in two ways")
    guard let claims = found[0] else { return nil }
    require(isSigned(token), "a token that nobody signed")
    require(claims.expires > now && claims.issued <= now + 60, "a token out of its time")
    return claims
  }

  private static func sign(_ payload: [UInt8]) {
    let signed = key.header + [UInt8(ascii: ".")] + Base64URL.encode(payload)
    let signature = Base64URL.encode(Secrets.hmac(key: key.secret, signed))
    let token = String(decoding: signed + [UInt8(ascii: ".")] + signature, as: UTF8.self)
    require(isSigned(token), "the two signatures differ")
    guard let claims = verify(token) else { return }
    require(verify(key.sign(claims)) == claims, "claims that don't come back")
  }

  private static func edit(_ edits: [UInt8]) {
    var token = Array(good.utf8)
    for pair in stride(from: 0, to: edits.count - 1, by: 2) {
      token[Int(edits[pair]) * token.count / 256] = edits[pair + 1]
    }
    let text = String(decoding: token, as: UTF8.self)
    let isSame = text.utf8.elementsEqual(good.utf8)
    require((verify(text) != nil) == isSame, "a token that was changed")
  }

  /// By OpenSSL alone: whether a key's signature stands behind the last dot.
  private static func isSigned(_ token: String) -> Bool {
    let bytes = Array(token.utf8)
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return [UInt8(7), 6].contains { value in
      let secret = [UInt8](repeating: value, count: 32)
      var digest = [UInt8](repeating: 0, count: 32)
      var length: CUnsignedInt = 0
      HMAC(EVP_sha256(), secret, 32, bytes, dot, &digest, &length)
      var text = [UInt8](repeating: 0, count: 45)
      EVP_EncodeBlock(&text, digest, 32)
      let expected = text.prefix(43).map { byte -> UInt8 in
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
      }
      return bytes[(dot + 1)...].elementsEqual(expected)
    }
  }

  /// Each value has one spelling, and each spelling that is read is one's.
  private static func encode(_ text: String, _ bytes: [UInt8]) {
    require(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "base64url loses something")
    if let decoded = Base64URL.decode(bytes) {
      require(Base64URL.encode(decoded) == bytes, "base64url has two spellings of one value")
    }
    _ = Base64URL.decode(base64: text)
    if let id = UUID(text) { require(UUID(id.hex) == id, "a UUID doesn't come back") }
  }
}
