import TestSupport
import Testing

@testable import Domain

@Suite struct SealTests {
  private let seal = Seal("a key of the house")

  @Test(arguments: [0, 1, 32, 1_000])
  func whatIsSealedOpens(count: Int) {
    let value = Secrets.random(count)
    let sealed = seal.seal(value, label: "kid")
    #expect(sealed.count == count + Seal.overhead)
    #expect(seal.open(sealed, label: "kid") == value)
  }

  @Test func nothingElseOpensIt() {
    let sealed = seal.seal(Secrets.random(32), label: "kid")
    #expect(Seal("another key, as long").open(sealed, label: "kid") == nil)
    #expect(seal.open(sealed, label: "other") == nil)
    for index in sealed.indices {
      var damaged = sealed
      damaged[index] ^= 1
      #expect(seal.open(damaged, label: "kid") == nil)
    }
    for length in [0, 1, 28, sealed.count - 1] {
      #expect(seal.open(Array(sealed.prefix(length)), label: "kid") == nil)
    }
  }

  @Test func theSameValueIsNeverSealedTheSame() {
    let value = Secrets.random(32)
    #expect(seal.seal(value, label: "kid") != seal.seal(value, label: "kid"))
  }
}

extension ServerTests {
  @Suite struct SealedKeysTests {
    private static let seal = Seal("a key of the house")

    @Test func aNewKeyIsSealedAndOldOnesAreWhenTheyAreRead() async throws {
      try await Home.open { home in
        let plain = try await home.tools.keys.keyRing(home.database).current
        #expect(try await home.number("SELECT octet_length(secret) FROM signing_key") == 32)
        let sealed = SigningKeys(seal: Self.seal)
        #expect(try await sealed.load(home.database).current.secret == plain.secret)
        #expect(try await home.number("SELECT octet_length(secret) FROM signing_key") == 61)
        _ = try await sealed.rotate(
          home.database, lifetimes: home.tools.lifetimes, actor: home.actor)
        #expect(try await home.number("SELECT min(octet_length(secret)) FROM signing_key") == 61)
        #expect(try await sealed.load(home.database).all.count == 2)
      }
    }

    @Test func withoutTheRightKeyTheyStayShut() async throws {
      try await Home.open { home in
        try await SigningKeys(seal: Self.seal).load(home.database)
        await #expect(throws: SigningKeys.Sealed.noKey) {
          try await SigningKeys().load(home.database)
        }
        await #expect(throws: SigningKeys.Sealed.otherKey) {
          try await SigningKeys(seal: Seal("another key, as long")).load(home.database)
        }
      }
    }
  }
}
