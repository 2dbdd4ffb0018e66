import Testing

@testable import Domain

@Suite struct TextTests {
  /// Texts, their NFKC, and the key by which two of them are the same name.
  private static let forms: [(text: String, nfkc: String, key: String)] = [
    ("Ann", "Ann", "ann"), ("A\u{308}", "Ä", "ä"), ("ﬁne", "fine", "fine"), ("Ｋ", "K", "k"),
    ("\u{212A}", "K", "k"), ("Straße", "Straße", "strasse"), ("ΣΑΣ", "ΣΑΣ", "σασ"),
    ("σας", "σας", "σασ"), ("①", "1", "1"), ("ǅ", "Dž", "dž"), ("", "", ""), ("½", "1⁄2", "1⁄2"),
  ]

  @Test(arguments: forms)
  func compatibilityAndCase(text: String, nfkc: String, key: String) {
    // Scalar by scalar: strings of equal meaning are equal in Swift.
    #expect(Array(text.nfkc.unicodeScalars) == Array(nfkc.unicodeScalars))
    #expect(Array(text.caseFoldedKey.unicodeScalars) == Array(key.unicodeScalars))
  }

  @Test func aKeyIsItsOwnKeyAndThatOfBothCases() {
    var wrong: [String] = []
    for value in UInt32(0x20)..<0x1_0000 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic,
        scalar.properties.generalCategory != .unassigned
      else { continue }
      let text = String(scalar)
      let key = text.caseFoldedKey
      if key.unicodeScalars.elementsEqual(key.nfkc.unicodeScalars) == false {
        wrong.append("\(String(value, radix: 16)) NFKC")
      }
      if text.nfkc.caseFoldedKey != key { wrong.append("\(String(value, radix: 16)) of NFKC") }
    }
    #expect(wrong == [])
  }

  @Test(arguments: [
    ("  a b ", "a b"), ("\t\n", ""), ("", ""), ("a", "a"), ("\u{A0}a\u{3000}", "a"),
    ("\u{85}a\u{2028}", "a"), ("\r\na\r\n", "a"),
  ])
  func trimming(text: String, expected: String) {
    #expect(text.trimmed == expected)
  }

  @Test func hexDigits() {
    #expect([0x00, 0x9A, 0xFF].map(UInt8.init).hex == "009aff")
    #expect([UInt8]().hex == "")
  }
}

@Suite struct NameTests {
  @Test(arguments: [
    ("ann", "ann"), ("  Ann Lee ", "Ann Lee"), ("a@.+-_'1", "a@.+-_'1"), ("Ａnn", "Ann"),
    ("José", "José"), ("Jose\u{301}", "José"), ("李小龍", "李小龍"), ("हिन्दी", "हिन्दी"),
    (String(repeating: "ü", count: 150), String(repeating: "ü", count: 150)),
  ])
  func usernames(given: String, stored: String) throws {
    let name = try Username.normalised(given)
    #expect(Array(name.unicodeScalars) == Array(stored.unicodeScalars))
  }

  @Test(arguments: [
    "", "   ", "a\u{0}", "a\nb", "a\tb", "a/b", "a:b", "a;b", "a\"b", "<b>", "a\u{200B}b", "a😀",
    "a\u{202E}b", "a\u{7F}", "a\u{A0}\u{A0}*", String(repeating: "a", count: 151),
  ])
  func whatIsNoUsername(given: String) {
    let refusal = #expect(throws: Refusal.self) { try Username.normalised(given, field: "name") }
    guard case .invalid(let errors)? = refusal else { return }
    #expect(errors.map(\.field) == ["name"])
  }

  @Test(
    arguments: [
      ("ann@example.com", "ann@example.com"), (" Ann@Example.COM ", "Ann@Example.COM"),
      ("a.b+c@x-y.example", "a.b+c@x-y.example"), ("ü@müller.example", "ü@müller.example"),
      ("", nil), ("  ", nil),
    ] as [(String, String?)])
  func addresses(given: String, stored: String?) throws {
    #expect(try EmailAddress.normalised(given) == stored)
  }

  @Test(arguments: [
    "ann", "@example.com", "ann@", "a@b@c", "a b@c.de", "a@b..de", "a@.de", "a@de.", "a@b_c.de",
    "a\u{0}@b.de", "a\n@b.de", "<a>@b.de", "a,b@c.de", "a@b.de\r\nBcc: c@d.ef",
    String(repeating: "a", count: 65) + "@b.de", "a@" + String(repeating: "b", count: 64) + ".de",
    "a@" + String(repeating: "b.", count: 130) + "de",
  ])
  func whatIsNoAddress(given: String) {
    #expect(throws: Refusal.invalid([FieldError("mail", "Enter a valid email address.")])) {
      try EmailAddress.normalised(given, field: "mail")
    }
  }
}
