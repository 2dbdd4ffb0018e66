import Glibc

extension REPL {
  /// Files that may include one another.
  private static let deepest = 16
  private static let usualInterval = "2"

  /// Does what isn't the registry's.
  func perform(
    _ meta: MetaCommand, _ words: [String], _ line: String
  ) async throws -> Ending? {
    guard words.count <= meta.mostWords else {
      throw Failure(.usage, "“\(words[meta.mostWords])” is one word too many", hint: meta.usage)
    }
    switch meta {
    case .help: try write(MetaCommand.helpText)
    case .commandHelp: try await execute(["help"] + words)
    case .output: try choose(output: words.first)
    case .expanded:
      isExpanded.toggle()
      say("rows are shown \(isExpanded ? "as blocks" : "as lines")")
    case .timing:
      tellsTime.toggle()
      say("times are \(tellsTime ? "told" : "not told")")
    case .watch: try await watch(words.first ?? Self.usualInterval)
    case .include: try include(words)
    case .edit: try edit()
    case .shell: try runShell(line)
    case .history: try write(remembered.map { $0 + "\n" }.joined())
    case .quit: return .left
    case .begin: return try await transact()
    case .commit: return try end(.committed)
    case .rollback: return try end(.rolledBack)
    }
    return nil
  }

  private func say(_ text: String) { environment.terminal.note(text) }

  private func choose(output name: String?) throws(Failure) {
    guard let name else {
      output = nil
      return say("answers are written as table")
    }
    guard let format = OutputFormat(rawValue: name) else {
      let names = OutputFormat.allCases.map(\.rawValue)
      throw Failure(
        .usage, "\\o: “\(name)” is none of \(names.joined(separator: ", "))",
        hint: NearestName.find(name, in: names).map { "did you mean \($0)?" })
    }
    output = format
    say("answers are written as \(format.rawValue)")
  }

  private func watch(_ interval: String) async throws {
    guard let last else { throw Failure(.usage, "\\watch: there is no command yet to run again") }
    do {
      try await execute(last.words, every: try GlobalOptions.interval(interval))
    } catch let failure as Failure {
      // Ctrl-C is how it is meant to end.
      guard failure.status == .interrupted else { throw failure }
      Interrupt.clear()
      // The terminal has put its ^C there.
      say("")
    }
  }

  private func include(_ words: [String]) throws(Failure) {
    guard let path = words.first else {
      throw Failure(.usage, "\\i: which file?", hint: "\\i FILE")
    }
    guard sources.count <= Self.deepest else {
      throw Failure(.failed, "\\i: files include one another more than \(Self.deepest) deep")
    }
    sources.append(try FileLines(path))
  }

  private func edit() throws {
    let before = last.map { $0.text + "\n" } ?? ""
    guard let edited = try TextEditor.edit(before), edited != before else { return }
    sources.append(FileLines("\\e", Array(edited.utf8)))
  }

  private func runShell(_ line: String) throws(Failure) {
    let command = line.drop { $0.isWhitespace }.dropFirst(MetaCommand.shell.rawValue.count)
      .drop { $0.isWhitespace }
    let shell = getenv("SHELL").map { String(cString: $0) } ?? "/bin/sh"
    let words = command.isEmpty ? [shell] : [shell, "-c", String(command)]
    let status = try ChildProcess.runInTerminal(words)
    if status != 0 { throw Failure(.failed, "\\!: \(shell) ended with status \(status)") }
  }
}
