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
  private var quote: Unicode.Scalar?
  private var isInWord = false
  private var endedInBackslash = false
  /// Where in the last line the last word begins; nil behind a blank.
  private var wordStart: String.Index?

  init(_ line: String) {
    // The REPL's own commands begin with a backslash that escapes nothing.
    let scalars = line.unicodeScalars
    if let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      scalars[first] == "\\"
    {
      (word, isInWord, wordStart) = ("\\", true, first)
      read(line, from: scalars.index(after: first))
    } else {
      read(line, from: line.startIndex)
    }
  }

  var opening: Opening? {
    if endedInBackslash { return .backslash }
    return quote.map { .quote(Character($0)) }
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

  /// Scalar by scalar: to Swift a quote and a combining mark behind it are one character, and no quote.
  private mutating func read(_ line: String, from start: String.Index) {
    let scalars = line.unicodeScalars
    var index = start
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let next = scalars.index(after: index)
      switch (scalar, quote) {
      case ("\\", nil), ("\\", "\""):
        guard next < scalars.endIndex else {
          endedInBackslash = true
          return
        }
        begin(at: index)
        if quote == nil || scalars[next] == "\"" || scalars[next] == "\\" {
          word.unicodeScalars.append(scalars[next])
          index = next
        } else {
          word.unicodeScalars.append(scalar)
        }
      case (_, let mark?):
        if scalar == mark { quote = nil } else { word.unicodeScalars.append(scalar) }
      case ("'", nil), ("\"", nil):
        begin(at: index)
        quote = scalar
      case (_, nil) where scalar.properties.isWhitespace: end()
      case ("#", nil) where !isInWord: return
      default:
        begin(at: index)
        word.unicodeScalars.append(scalar)
      }
      index = scalars.index(after: index)
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
    case "'": return "'" + word.replacing(scalar: "'", with: #"'\''"#) + "'"
    case "\"":
      return "\""
        + word.replacing(scalar: "\\", with: "\\\\").replacing(scalar: "\"", with: "\\\"") + "\""
    default:
      guard !word.isEmpty else { return "''" }
      var text = String.UnicodeScalarView()
      for (index, scalar) in word.unicodeScalars.enumerated() {
        let isSpecial =
          scalar.properties.isWhitespace || "'\"\\".unicodeScalars.contains(scalar)
          || (scalar == "#" && index == 0)
        if isSpecial { text.append("\\") }
        text.append(scalar)
      }
      return String(text)
    }
  }
}

extension String {
  /// With a text in place of each of these scalars. To Swift one that a combining mark follows is
  /// another character, and to a shell it isn't.
  func replacing(scalar: Unicode.Scalar, with text: String) -> String {
    var result = String.UnicodeScalarView()
    for next in unicodeScalars {
      guard next == scalar else {
        result.append(next)
        continue
      }
      result.append(contentsOf: text.unicodeScalars)
    }
    return String(result)
  }
}
