import Testing

@testable import Domain

@Suite struct Base64URLTests {
  /// RFC 4648, section 10, without padding; and bytes that use the alphabet's last two.
  private static let vectors: [([UInt8], String)] = [
    ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foo".utf8), "Zm9v"),
    (Array("foob".utf8), "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE"),
    (Array("foobar".utf8), "Zm9vYmFy"), ([0xFB, 0xFF, 0xBF], "-_-_"), ([0xFF], "_w"),
  ]

  @Test(arguments: vectors)
  func bothWays(bytes: [UInt8], text: String) {
    #expect(String(decoding: Base64URL.encode(bytes), as: UTF8.self) == text)
    #expect(Base64URL.decode(text.utf8) == bytes)
  }

  /// A second spelling of one value would make two tokens of one.
  @Test(arguments: [
    "Zh", "Zm9", "_x", "Zg==", "Zm8=", "A", "Zm9vY", "+/+/", "Zm 9v", "Zm9v\n", "Zü", "Zm9v.",
  ])
  func isRefused(text: String) {
    #expect(Base64URL.decode(text.utf8) == nil)
  }

  @Test(arguments: 0..<70)
  func everyLengthComesBack(length: Int) {
    let bytes = Secrets.random(length)
    let text = Base64URL.encode(bytes)
    #expect(text.count == (length * 8 + 5) / 6)
    #expect(Base64URL.decode(text) == bytes)
  }
}

@Suite struct SecretsTests {
  /// FIPS 180-2's example and RFC 4231's second test case.
  @Test func knownDigests() {
    #expect(
      Secrets.sha256("abc").hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Secrets.hmac(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)).hex
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func comparing() {
    #expect(Secrets.areEqual("abc", "abc") && Secrets.areEqual("", ""))
    for other in ["abd", "ab", "abcd", ""] { #expect(!Secrets.areEqual("abc", other)) }
  }

  @Test func randomBytesDiffer() {
    #expect(Secrets.random(16).count == 16)
    #expect(Set((0..<100).map { _ in Secrets.random(16).hex }).count == 100)
  }
}
