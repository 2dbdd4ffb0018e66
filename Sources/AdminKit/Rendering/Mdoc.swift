/// Writes mdoc(7), the manual's language, line by line.
struct Mdoc {
  private(set) var text = ""

  /// A macro line: its name and its arguments, each escaped.
  mutating func macro(_ name: String, _ arguments: String...) {
    text += ([".\(name)"] + arguments.map(Self.argument)).joined(separator: " ") + "\n"
  }

  /// A line of running text.
  mutating func line(_ words: String) { text += Self.escaped(words) + "\n" }

  /// Sentences, each on a line of its own, as the formatter wants them.
  mutating func sentences(_ words: String) {
    for sentence in words.replacing(". ", with: ".\n").split(separator: "\n") {
      line(String(sentence))
    }
  }

  /// Paragraphs, parted by blank lines.
  mutating func paragraphs(_ words: String) {
    for (index, paragraph) in words.split(separator: "\n\n").enumerated() {
      if index > 0 { macro("Pp") }
      sentences(paragraph.split(separator: "\n").joined(separator: " "))
    }
  }

  /// A list of terms, each a line of macros, and what is said of them.
  mutating func terms(_ terms: [(term: String, words: String)]) {
    text += ".Bl -tag -width Ds\n"
    for (term, words) in terms {
      text += ".It \(term)\n"
      line(words)
    }
    text += ".El\n"
  }

  /// Command lines as they are typed.
  mutating func examples(_ lines: [String]) {
    guard !lines.isEmpty else { return }
    macro("Sh", "EXAMPLES")
    text += ".Bd -literal -offset indent\n"
    for line in lines { self.line(line) }
    text += ".Ed\n"
  }

  /// An argument of a macro: quoted where it holds spaces.
  static func argument(_ word: String) -> String {
    let escaped = escaped(word).replacing("\"", with: "\\(dq")
    return escaped.contains(" ") || escaped.isEmpty ? "\"\(escaped)\"" : escaped
  }

  /// Text in which nothing is an escape or a request by accident.
  static func escaped(_ text: String) -> String {
    var output = ""
    for character in text {
      switch character {
      case "\\": output += "\\e"
      case "…": output += "..."
      case "“": output += "\\(lq"
      case "”": output += "\\(rq"
      default: output.append(character)
      }
    }
    return output.hasPrefix(".") || output.hasPrefix("'") ? "\\&" + output : output
  }
}
