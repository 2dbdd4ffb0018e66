import Postgres
import Testing

@testable import Domain

@Suite struct JWTTests {
  private static let key = SigningKey(kid: "one", secret: [UInt8](repeating: 1, count: 32))
  private static let other = SigningKey(kid: "two", secret: [UInt8](repeating: 2, count: 32))
  private static let ring = KeyRing(current: key, others: [])
  private static let now: Int64 = 1_700_000_000

  private static func claims(
    _ type: TokenClaims.TokenType = .access, issued: Int64 = now, expires: Int64 = now + 60
  ) -> TokenClaims {
    TokenClaims(
      type: type, id: .random(), account: 7, session: .random(), issued: issued, expires: expires)
  }

  @Test func verifiesWhatItSigned() throws {
    let claims = Self.claims()
    let token = Self.key.sign(claims)
    #expect(token == Self.key.sign(claims))
    #expect(try Self.ring.verify(token, as: .access, now: Self.now) == claims)
    // From memory the second time.
    #expect(try Self.ring.verify(token, as: .access, now: Self.now) == claims)
    #expect(throws: TokenRejection.wrongType) {
      try Self.ring.verify(token, as: .refresh, now: Self.now)
    }
    #expect(throws: TokenRejection.expired) {
      try Self.ring.verify(token, as: .access, now: Self.now + 60)
    }
  }

  @Test func refusesWhatOthersSigned() throws {
    let token = Self.other.sign(Self.claims())
    #expect(throws: TokenRejection.unknownKey) {
      try Self.ring.verify(token, as: .access, now: Self.now)
    }
    let ring = KeyRing(current: Self.key, others: [Self.other])
    #expect(try ring.verify(token, as: .access, now: Self.now).account == 7)
  }

  @Test func refusesTheFuture() {
    let token = Self.key.sign(Self.claims(issued: Self.now + 61, expires: Self.now + 120))
    #expect(throws: TokenRejection.issuedInFuture) {
      try Self.ring.verify(token, as: .access, now: Self.now)
    }
  }

  /// Tokens made of a good one's parts.
  @Test func refusesForgeries() {
    let good = Self.key.sign(Self.claims()).split(separator: ".").map(String.init)
    let none = String(
      decoding: Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8)), as: UTF8.self)
    let forgeries = [
      "\(none).\(good[1]).", "\(none).\(good[1]).\(good[2])", "\(good[0]).\(good[1]).",
      "\(good[0]).\(good[1]).\(good[2])A", "\(good[0]).\(good[0]).\(good[2])",
      "\(good[0]).\(good[1])", "\(good[0]).\(good[1]).\(good[2]).", "", "..",
      String(repeating: "a", count: 10_000),
    ]
    for forgery in forgeries {
      #expect(throws: TokenRejection.self, "\(forgery.prefix(60))") {
        try Self.ring.verify(forgery, as: .access, now: Self.now)
      }
    }
  }
}
