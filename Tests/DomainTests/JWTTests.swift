import Postgres
import Testing

@testable import Domain

@Suite struct JWTTests {
  private static let key = SigningKey(kid: "one", secret: Array(repeating: 7, count: 32))
  private static let old = SigningKey(kid: "zero", secret: Array(repeating: 6, count: 32))
  private static let ring = KeyRing(current: key, others: [old])
  private static let now: Int64 = 1_800_000_000

  private static func claims(
    type: TokenClaims.TokenType = .access, issued: Int64 = now, expires: Int64 = now + 60
  ) -> TokenClaims {
    TokenClaims(
      type: type, id: .random(), account: 42, session: .random(), issued: issued, expires: expires)
  }

  /// A token of ours as to its form, with a header and a payload of one's own, and signed.
  private static func token(
    header: [UInt8] = key.header, payload: String, secret: [UInt8] = key.secret
  ) -> String {
    let signed = header + Array(".".utf8) + Base64URL.encode(payload.utf8)
    let signature = Base64URL.encode(Secrets.hmac(key: secret, signed))
    return String(decoding: signed + Array(".".utf8) + signature, as: UTF8.self)
  }

  private static func header(_ json: String) -> [UInt8] { Base64URL.encode(json.utf8) }

  private static let payload = """
    {"token_type":"access","exp":\(now + 60),"iat":\(now),"jti":"\(UUID.random().hex)",\
    "user_id":42,"sid":"\(UUID.random())"}
    """

  private func rejection(
    _ token: String, as type: TokenClaims.TokenType = .access, now: Int64 = now
  ) -> TokenRejection? {
    do {
      _ = try Self.ring.verify(token, as: type, now: now)
      return nil
    } catch {
      return error
    }
  }

  @Test func whatIsSignedVerifies() throws {
    for key in [Self.key, Self.old] {
      let claims = Self.claims()
      let token = key.sign(claims)
      // The second time it is known already.
      for _ in 0..<2 {
        #expect(try Self.ring.verify(token, as: .access, now: Self.now) == claims)
      }
      #expect(token == key.sign(claims), "the same claims give the same text")
    }
    #expect(rejection(Self.token(payload: Self.payload)) == nil)
  }

  private static let headers: [String] = [
    #"{"alg":"none","typ":"JWT","kid":"one"}"#, #"{"alg":"none"}"#, #"{"alg":"HS256"}"#,
    #"{"alg":"HS512","typ":"JWT","kid":"one"}"#, #"{"alg":"RS256","typ":"JWT","kid":"one"}"#,
    #"{"alg":"HS256","typ":"JWT","kid":"two"}"#, #"{"alg":"HS256","typ":"JWT","kid":"../../etc"}"#,
    #"{"alg":"HS256","typ":"JWT","kid":"one","crit":["x"]}"#,
    #"{"typ":"JWT","alg":"HS256","kid":"one"}"#, #"{"alg":"HS256","typ":"JWT","kid":"one" }"#, "",
  ]

  @Test(arguments: headers)
  func noOtherHeaderIsTaken(header: String) {
    #expect(
      rejection(Self.token(header: Self.header(header), payload: Self.payload)) == .unknownKey)
    let unsigned = Self.token(header: Self.header(header), payload: Self.payload)
      .split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(separator: ".")
    #expect(rejection(unsigned + ".") == .unknownKey)
  }

  @Test func aForeignSignatureIsRefused() {
    let forged = Self.token(payload: Self.payload, secret: Self.old.secret)
    #expect(rejection(forged) == .badSignature)
    #expect(rejection(Self.token(header: Self.old.header, payload: Self.payload)) == .badSignature)
  }

  /// Every single character counts, in each of the three parts.
  @Test func nothingMayBeChanged() {
    let characters = Array(Self.key.sign(Self.claims()).utf8)
    var accepted: [Int] = []
    for index in characters.indices {
      var changed = characters
      changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      if rejection(String(decoding: changed, as: UTF8.self)) == nil { accepted.append(index) }
    }
    #expect(accepted == [])
  }

  @Test func timesAreChecked() {
    let token = Self.key.sign(Self.claims(expires: Self.now + 60))
    #expect(rejection(token, now: Self.now + 59) == nil)
    #expect(rejection(token, now: Self.now + 60) == .expired)
    let early = Self.key.sign(Self.claims(issued: Self.now + 61, expires: Self.now + 1_000))
    #expect(rejection(early) == .issuedInFuture)
    #expect(rejection(early, now: Self.now + 1) == nil)
  }

  @Test func oneTypeDoesNotPassForTheOther() {
    #expect(rejection(Self.key.sign(Self.claims()), as: .refresh) == .wrongType)
    #expect(rejection(Self.key.sign(Self.claims(type: .refresh)), as: .access) == .wrongType)
    #expect(rejection(Self.key.sign(Self.claims(type: .refresh)), as: .refresh) == nil)
  }

  @Test func theFormIsChecked() {
    let token = Self.key.sign(Self.claims())
    let long = token + String(repeating: "A", count: KeyRing.longestToken)
    for text in ["", ".", "..", "a.b", token + ".", "." + token, token + ".a", long, token + "="] {
      #expect(rejection(text) != nil, "\(text.prefix(20))")
    }
    #expect(rejection(long) == .malformed)
    #expect(rejection("a.b.c.d") == .malformed)
  }

  /// U+212A is equal to K in Swift, so a dictionary finds one by the other.
  @Test func whatOnlyLooksEqualIsRefusedThoughTheTokenIsKnown() throws {
    var token = ""
    repeat { token = Self.key.sign(Self.claims()) } while !token.contains("K")
    #expect(rejection(token) == nil)
    #expect(rejection(token.replacing("K", with: "\u{212A}", maxReplacements: 1)) == .malformed)
  }

  private static let claimsOfOtherKinds: [(String, String)] = [
    ("\"token_type\":\"access\"", "\"token_type\":\"admin\""),
    ("\"user_id\":42", "\"user_id\":\"42\""),
    ("\"user_id\":42", "\"user_id\":42.0"), ("\"jti\":\"", "\"jti\":\"x"),
    ("\"sid\":\"", "\"sid\":\"x"),
    ("\"exp\":", "\"exp\":9"), ("\"iat\":", "\"iat\":null,\"i\":"), ("{", "[{"),
    ("\"user_id\":42", "\"user_id\":42,\"user_id\":1"),
  ]

  /// Signed as they are, since a key might have signed something else one day.
  @Test(arguments: claimsOfOtherKinds)
  func claimsAreChecked(original: String, changed: String) {
    let payload = Self.payload.replacing(original, with: changed, maxReplacements: 1)
    let found = rejection(Self.token(payload: payload))
    // An `exp` far ahead is no fault by itself.
    #expect(found == (original == "\"exp\":" ? nil : .badClaims))
  }
}
