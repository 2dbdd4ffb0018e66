import Testing

@testable import AdminKit

@Suite struct CommandWordsTests {
  @Test(arguments: [
    ("", []), ("  \t ", []), ("user list", ["user", "list"]),
    ("user show 'Ada Lovelace'", ["user", "show", "Ada Lovelace"]),
    (#"user show "Ada \"L\" \\ \x""#, ["user", "show", #"Ada "L" \ \x"#]),
    (#"user show Ada\ Lovelace"#, ["user", "show", "Ada Lovelace"]),
    (#"a'b'"c"d"#, ["abcd"]), ("''", [""]), (#"x """#, ["x", ""]),
    ("a # b", ["a"]), ("a#b '# c'", ["a#b", "# c"]), ("# all of it", []),
    ("ä  ö", ["ä", "ö"]),
    (#"\o json"#, [#"\o"#, "json"]), (#"  \i my\ file"#, [#"\i"#, "my file"]),
  ])
  func words(line: String, words: [String]) {
    let read = CommandWords(line)
    #expect(read.all == words && read.opening == nil)
  }

  @Test(arguments: [
    ("a 'b", CommandWords.Opening.quote("'")), (#"a "b \""#, .quote("\"")), (#"a b\"#, .backslash),
    (#"'\"#, .quote("'")),
  ])
  func whatIsOpen(line: String, opening: CommandWords.Opening) {
    #expect(CommandWords(line).opening == opening)
  }

  @Test(arguments: [
    "plain", "Ada Lovelace", "O'Brien", #"a"b\c"#, "#x", "", "ä b", "\u{301}x",
    "'\u{301}\"\u{301}\\\u{301} \u{301}",
  ])
  func whatIsQuotedReadsTheSame(word: String) {
    for style: Character? in [nil, "'", "\""] {
      #expect(CommandWords("x " + CommandWords.quoted(word, style: style)).all == ["x", word])
    }
  }

  @Test(arguments: [
    (["a \\", "  b"], ["a", "b"]), (["'a", "b'"], ["a\nb"]), (["\"a\\", "b\""], ["ab"]),
    (["x 'a", "", "b' c"], ["x", "a\n\nb", "c"]), (["a\\", "b"], ["ab"]),
  ])
  func severalLines(lines: [String], words: [String]) {
    var read = CommandWords(lines[0])
    for line in lines.dropFirst() {
      #expect(read.opening != nil)
      read.goOn(line)
    }
    #expect(read.all == words && read.opening == nil)
  }
}
