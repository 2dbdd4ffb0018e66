import Testing

@testable import AdminKit

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("e\u{301}\u{323}", 1), ("\u{301}", 0),
    ("中文", 4), ("ＡＢ", 4), ("ｱ", 1), ("ｶﾞ", 2), ("가", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
    ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧‍👦", 2), ("🏳️‍🌈", 2), ("❤", 1), ("❤\u{FE0F}", 2), ("1\u{FE0F}\u{20E3}", 2),
    ("a\u{FE0F}", 1), ("🇨🇿", 2), ("🇨🇿🇸🇰", 4), ("नी", 2), ("…", 1), ("⏎", 1), ("a\u{200B}b", 2),
    ("\u{1B}", 0),
  ]) func cellsOfATerminal(_ text: String, _ width: Int) {
    #expect(TextWidth.of(text) == width)
    #expect(TextWidth.of("x" + text + "y") == width + 2)
    #expect(TextWidth.of(text + "中" + text) == 2 * width + 2)
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, ""), ("abcd", -1, ""),
    ("", 0, ""), ("中文", 4, "中文"), ("中文", 3, "中…"), ("中文字", 5, "中文…"), ("中文字", 4, "中…"),
    ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"), ("e\u{301}", 1, "e\u{301}"),
    ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, "👩‍👩‍👧‍👦…"), ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2, "…"), ("👩‍👩‍👧‍👦", 1, "…"), ("🇨🇿🇸🇰", 3, "🇨🇿…"), ("中", 1, "…"),
  ]) func cuttingKeepsCharactersWhole(_ text: String, _ width: Int, _ cut: String) {
    #expect(TextWidth.truncated(text, to: width) == cut)
  }

  @Test func anyMarkMayBeUsed() {
    #expect(TextWidth.truncated("abcdef", to: 5, mark: "...") == "ab...")
    #expect(TextWidth.truncated("abcdef", to: 3, mark: "...") == "...")
    #expect(TextWidth.truncated("abcdef", to: 2, mark: "...") == "ab")
    #expect(TextWidth.truncated("abcdef", to: 2, mark: "") == "ab")
    #expect(TextWidth.truncated("中文", to: 3, mark: "") == "中")
  }

  @Test func whatIsCutFits() {
    for text in manyTexts() {
      for width in 0...12 {
        let (cut, cells) = TextWidth.fitted(text, to: width, mark: "…")
        #expect(cells == TextWidth.of(cut))
        #expect(cells <= width)
        #expect(cut == text || cells >= width - 1 || TextWidth.of(text) <= width)
      }
    }
  }

  @Test func paddingCountsCells() {
    #expect(TextWidth.padded("ab", to: 4) == "ab  ")
    #expect(TextWidth.padded("ab", to: 4, .right) == "  ab")
    #expect(TextWidth.padded("中", to: 4) == "中  ")
    #expect(TextWidth.padded("e\u{301}", to: 2, .right) == " e\u{301}")
    #expect(TextWidth.padded("abc", to: 2) == "abc")
  }

  @Test func wrappingBreaksBetweenWords() {
    #expect(TextWidth.wrapped("", to: 5) == [""])
    #expect(TextWidth.wrapped("a bc def", to: 4) == ["a bc", "def"])
    #expect(TextWidth.wrapped("abcdefgh i j", to: 4) == ["abcdefgh", "i j"])
    #expect(TextWidth.wrapped("中文 中文", to: 5) == ["中文", "中文"])
    #expect(TextWidth.wrapped("  a b", to: 10) == ["  a b"])
  }
}
