import Testing

@testable import Server

@Suite struct HTMLTests {
  private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload='x'", "&quot; onload=&#39;x&#39;"), ("a&amp;b", "a&amp;amp;b"),
    ("Zoë 山 👩‍👩‍👧", "Zoë 山 👩‍👩‍👧"), ("a\u{0}b\u{1B}c\td\n", "a\u{FFFD}b\u{FFFD}c\td\n"), ("", ""),
  ])
  func aTextIsEscaped(text given: String, expected: String) {
    #expect(
      text("<p title=\"\(given)\">\(given)</p>") == "<p title=\"\(expected)\">\(expected)</p>")
    #expect(text(HTML(given)) == expected)
    #expect(text("\(given[...])") == expected)
  }

  @Test func htmlStaysWhatItIs() {
    let inner: HTML = "<b>\("<")</b>"
    let nothing: HTML? = nil
    #expect(
      text("<p>\(inner)\(nothing)\([inner, inner])\(7)</p>")
        == "<p><b>&lt;</b><b>&lt;</b><b>&lt;</b>7</p>")
    #expect(text([inner, inner].joined(by: ", ")) == "<b>&lt;</b>, <b>&lt;</b>")
  }
}

@Suite struct AddressTests {
  @Test func aQueryIsEncoded() {
    let address = Address("/admin/users/").with("where", "a=b&c").adding("q", "ä ?#%+")
    #expect(address.text == "/admin/users/?where=a%3Db%26c&q=%C3%A4%20%3F%23%25%2B")
    #expect(Address.parsed(address.text).items.map(\.value) == ["a=b&c", "ä ?#%+"])
  }

  @Test func aValueIsReplacedAddedAndTaken() {
    let address = Address("/", [("a", "1"), ("b", "2"), ("a", "3")])
    #expect(address.with("a", "4").text == "/?b=2&a=4")
    #expect(address.adding("a", "4").without("a", value: "3").text == "/?a=1&b=2&a=4")
    #expect(address.without("a", "b").text == "/")
  }
}
