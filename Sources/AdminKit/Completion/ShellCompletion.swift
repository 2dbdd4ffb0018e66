/// Answers a shell's question of what may stand at the end of its line, in the words of that shell.
struct ShellCompletion {
  private let shell: Completion.Shell
  private let completer: Completer

  /// Stands for what the shell knows better itself.
  private static let files = ":files\n"

  init(_ shell: Completion.Shell, _ completer: Completer) {
    self.shell = shell
    self.completer = completer
  }

  /// - Parameter words: for bash the line up to the cursor and the characters at which it breaks
  ///   words, for the others the words up to the cursor, without the program's name.
  /// - Returns: a line for each candidate, for zsh and fish with a tab and what it is.
  func answer(_ words: [String]) -> String {
    switch shell {
    case .bash: bash(line: words[0], breaks: words.count > 1 ? words[1] : "")
    case .zsh, .fish:
      // The word that is being typed has its quotes still.
      described(Array(words.dropLast()), CommandWords(words[words.count - 1]).all.last ?? "")
    }
  }

  private func described(_ words: [String], _ current: String) -> String {
    guard case .words(let candidates) = completer.candidates(after: words, for: current) else {
      return Self.files
    }
    return candidates.map { "\($0.word)\t\(Self.oneLine($0.description))\n" }.joined()
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  private func bash(line: String, breaks: String) -> String {
    var (words, current, start) = CommandWords(line).last(of: line)
    // Whatever stands before the program: sudo, a variable.
    let program = words.firstIndex { $0.split(separator: "/").last == "havocctl" }
    if let program { words.removeSubrange(...program) }
    guard case .words(let candidates) = completer.candidates(after: words, for: current) else {
      return Self.files
    }
    let typed = line[start...]
    let isQuoted = typed.first.map { "'\"".contains($0) } ?? false
    // Bash replaces what follows the last character at which it breaks words.
    let kept =
      isQuoted ? nil : typed.lastIndex { breaks.contains($0) && !"\\'\" ".contains($0) }
    let length = kept.map { typed.distance(from: typed.startIndex, to: $0) + 1 } ?? 0
    return candidates.map { candidate in
      isQuoted ? candidate.word : String(Self.escaped(candidate.word).dropFirst(length))
    }.map { $0 + "\n" }.joined()
  }

  private static func escaped(_ word: String) -> String {
    let plain = word.allSatisfy { isPlain($0) }
    return plain ? word : word.map { isPlain($0) ? "\($0)" : "\\\($0)" }.joined()
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "@%+=:,./_-".contains(character)
      || !character.isASCII
  }
}
