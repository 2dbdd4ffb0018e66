extension REPL {
  private var prompt: String {
    guard let transaction else { return "havocctl=> " }
    return transaction.hasFailed ? "havocctl!=> " : "havocctl*=> "
  }

  /// A command on its way in: its lines, and its words so far.
  struct Command {
    var text: String
    var words: CommandWords
  }

  /// The next line, with those that it goes on in; nil when there are no more.
  func nextCommand() throws -> Command? {
    var begun: Command?
    while let source = sources.last {
      switch try next(from: source, prompt: begun == nil ? prompt : "havocctl-> ") {
      case .interrupted: begun = nil
      case .end:
        if let begun, !source.isInteractive {
          throw Failure(.usage, "a quote isn't closed: \(begun.text.prefix(60))")
        }
        if sources.count > 1 {
          sources.removeLast()
        } else {
          // Where the terminal is gone, there is nobody to show it to.
          if source.isInteractive { try? DescriptorSink().write([0x0A]) }
          return nil
        }
      case .text(let text):
        if begun != nil {
          begun?.text += "\n" + text
          begun?.words.goOn(text)
        } else {
          begun = Command(text: text, words: CommandWords(text))
          place = places
        }
        guard let command = begun, command.words.opening == nil || MetaCommand.isRaw(text) else {
          continue
        }
        if source.isInteractive { remember(command) }
        return command
      }
    }
    return nil
  }

  private func next(from source: any LineSource, prompt: String) throws(Failure) -> TypedLine {
    do throws(Failure) {
      return try source.next(prompt: prompt)
    } catch {
      place = places
      throw error
    }
  }

  /// Where the last line came from.
  private var places: String { sources.compactMap(\.place).joined(separator: ": ") }

  private func remember(_ command: Command) {
    let line = command.text
    guard line.contains(where: { !$0.isWhitespace }), line != remembered.last else { return }
    let hadFault = history.fault != nil
    guard history.add(line, isSecret: holdsSecret(command.words.all)) else { return }
    LineEditor.remember(line)
    remembered.append(line)
    if let fault = history.fault, !hadFault { environment.terminal.note("havocctl: \(fault)") }
  }

  /// Whether a line has what nobody should find in a file: the value of a secret setting, or an
  /// address with a password.
  private func holdsSecret(_ words: [String]) -> Bool {
    let options = environment.registry.operations.flatMap(\.options) + Setting.all.map(\.option)
    return words.contains { word in
      if word.contains("://"), word.contains("@") { return true }
      let name = word.lowercased()
      guard ["password", "secret", "passwd"].contains(where: { name.contains($0) }) else {
        return name.hasPrefix("--database")
      }
      // Options that name a file, or none at all, hold nothing; misspelt ones might.
      guard word.hasPrefix("-") else { return name.contains("=") }
      return !options.contains { "--\($0.name)" == word }
    }
  }
}
