/// A line of the REPL as words, split as a shell splits them but with nothing expanded: blanks
/// divide, '…' is literal, "…" too but for \" and \\, a backslash takes the next character as it is,
/// and `#` at a word's beginning leaves the rest out.
struct CommandWords: Equatable {
  /// What the line's end left open, if anything.
  enum Opening: Equatable {
    case quote(Character)
    case backslash
  }

  private(set) var words: [String] = []
  private(set) var opening: Opening?
  /// Where in the line the last word begins, and whether it goes up to the end: the word that TAB
  /// completes.
  private(set) var lastWordStart: String.Index
  private(set) var endsInWord = false

  init(_ line: String) {
    lastWordStart = line.endIndex
    var word = ""
    var quote: Character?
    var isInWord = false
    var index = line.startIndex
    // The REPL's own commands begin with a backslash that escapes nothing.
    if let first = line.firstIndex(where: { !$0.isWhitespace }), line[first] == "\\" {
      (index, lastWordStart, isInWord) = (line.index(after: first), first, true)
      word = "\\"
    }
    func begin() {
      if !isInWord { lastWordStart = index }
      isInWord = true
    }
    while index < line.endIndex {
      let character = line[index]
      let next = line.index(after: index)
      switch (character, quote) {
      case ("\\", nil) where next < line.endIndex && line[next] == "\n":
        // A line that goes on is one line.
        index = next
      case ("\\", nil), ("\\", "\""):
        begin()
        guard next < line.endIndex else {
          opening = .backslash
          break
        }
        if quote == nil || line[next] == "\"" || line[next] == "\\" {
          word.append(line[next])
          index = next
        } else {
          word.append(character)
        }
      case (_, let mark?):
        if character == mark { quote = nil } else { word.append(character) }
      case ("'", nil), ("\"", nil):
        begin()
        quote = character
      case (_, nil) where character.isWhitespace:
        if isInWord { words.append(word) }
        (word, isInWord) = ("", false)
      case ("#", nil) where !isInWord:
        index = line.endIndex
        continue
      default:
        begin()
        word.append(character)
      }
      index = line.index(after: index)
    }
    if let quote { opening = .quote(quote) }
    if isInWord { words.append(word) }
    endsInWord = isInWord
    if !isInWord { lastWordStart = line.endIndex }
  }

  /// A word as it is written in a line.
  /// - Parameter style: how its typed beginning is quoted; nil for a word that nothing quotes yet.
  static func quoted(_ word: String, style: Character?) -> String {
    switch style {
    case "'":
      return "'" + word.replacing("'", with: #"'\''"#) + "'"
    case "\"":
      return "\"" + word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    default:
      var text = word.isEmpty ? "''" : ""
      for (index, character) in word.enumerated() {
        let isSpecial =
          character.isWhitespace || "'\"\\".contains(character) || (character == "#" && index == 0)
        if isSpecial { text.append("\\") }
        text.append(character)
      }
      return text
    }
  }
}
