/// A line of the REPL as words, split as a shell splits them but with nothing expanded: blanks
/// divide, '…' is literal, "…" too but for \" and \\, a backslash takes the next character as it is,
/// and `#` at a word's beginning leaves the rest of the line out. A quote that is open, or a
/// backslash at its end, goes on in the next line.
struct CommandWords {
  /// What the line's end left open, if anything.
  enum Opening: Equatable {
    case quote(Character)
    case backslash
  }

  private(set) var words: [String] = []
  private var word = ""
  private var quote: Character?
  private var isInWord = false
  private var endedInBackslash = false
  /// Where in the last line the last word begins; nil behind a blank.
  private var wordStart: String.Index?

  init(_ line: String) {
    // The REPL's own commands begin with a backslash that escapes nothing.
    if let first = line.firstIndex(where: { !$0.isWhitespace }), line[first] == "\\" {
      (word, isInWord, wordStart) = ("\\", true, first)
      read(line, from: line.index(after: first))
    } else {
      read(line, from: line.startIndex)
    }
  }

  var opening: Opening? {
    if endedInBackslash { return .backslash }
    return quote.map { .quote($0) }
  }

  /// The words with the last one, which may go on.
  var all: [String] { isInWord ? words + [word] : words }

  /// The word that TAB completes: what stands before it, what it is so far, and where it begins.
  func last(of line: String) -> (before: [String], word: String, start: String.Index) {
    (words, isInWord ? word : "", wordStart ?? line.endIndex)
  }

  /// Goes on with the next line, where this one left something open.
  mutating func goOn(_ line: String) {
    if !endedInBackslash { word.append("\n") }
    endedInBackslash = false
    read(line, from: line.startIndex)
  }

  private mutating func read(_ line: String, from start: String.Index) {
    var index = start
    while index < line.endIndex {
      let character = line[index]
      let next = line.index(after: index)
      switch (character, quote) {
      case ("\\", nil), ("\\", "\""):
        guard next < line.endIndex else {
          endedInBackslash = true
          return
        }
        begin(at: index)
        if quote == nil || line[next] == "\"" || line[next] == "\\" {
          word.append(line[next])
          index = next
        } else {
          word.append(character)
        }
      case (_, let mark?):
        if character == mark { quote = nil } else { word.append(character) }
      case ("'", nil), ("\"", nil):
        begin(at: index)
        quote = character
      case (_, nil) where character.isWhitespace: end()
      case ("#", nil) where !isInWord: return
      default:
        begin(at: index)
        word.append(character)
      }
      index = line.index(after: index)
    }
  }

  private mutating func begin(at index: String.Index) {
    if !isInWord { wordStart = index }
    isInWord = true
  }

  private mutating func end() {
    if isInWord { words.append(word) }
    (word, isInWord, wordStart) = ("", false, nil)
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
