import Domain

/// What may stand at the end of a command line that is being typed: the same for TAB in the REPL
/// and in the shells.
public struct Completer: Sendable {
  /// Where the line is typed, which is what differs.
  public enum Place: Sendable { case shell, conversation }

  /// Gives names that the database has; it answers soon, if with nothing.
  /// - Parameter settings: those that stand in the line.
  public typealias Lookup =
    @Sendable (_ kind: LiveNames, _ beginning: String, _ settings: [String: String]) -> [Candidate]

  private let registry: Registry
  private let place: Place
  private let endpoints: [String]
  private let lookup: Lookup

  /// - Parameter endpoints: as a server's routes name them: `POST /user_admin/create_user`.
  public init(
    _ registry: Registry, _ place: Place, endpoints: [String], lookup: @escaping Lookup
  ) {
    self.registry = registry
    self.endpoints = endpoints.compactMap { endpoint in
      endpoint.split(separator: " ").last.map { String($0.drop { $0 == "/" }) }
    }
    self.place = place
    self.lookup = lookup
  }

  // MARK: Lines

  /// The candidates for a line's end, and where in it the word begins whose place they take.
  struct Completion {
    let wordStart: String.Index
    let candidates: [Candidate]
  }

  /// - Parameter line: up to the cursor.
  func complete(_ line: String) -> Completion? {
    let (words, current, start) = CommandWords(line).last(of: line)
    let raw = line[start...]
    let style = raw.first.flatMap { "'\"".contains($0) ? $0 : nil }
    let found: [Candidate]
    switch candidates(after: words, for: current) {
    case .words(let words): found = words
    case .files: found = FileNames.candidates(current)
    }
    let written = found.map { candidate in
      var written = candidate
      written.text = CommandWords.quoted(candidate.word, style: style)
      if candidate.word.hasPrefix("\\") { written.text = candidate.word }
      // A quote is closed where the word is over.
      if candidate.isOpen, style != nil { written.text.removeLast() }
      return written
    }
    return Completion(wordStart: start, candidates: written)
  }

  // MARK: Words

  /// - Parameters:
  ///   - words: whole ones that stand before it.
  ///   - current: the beginning that is typed.
  public func candidates(after words: [String], for current: String) -> Candidates {
    var words = words
    if place == .conversation {
      if words.first == "havocctl" { words.removeFirst() }
      if let found = metaCommand(words, current) { return found }
    }
    let typed = read(words)
    if let option = typed.awaiting { return values(option.kind, current, typed) }
    if !typed.onlyWords, current.hasPrefix("-") { return options(typed, current) }
    return positional(typed, current)
  }

  /// What the words before the cursor are.
  private struct Typed {
    var positional: [String] = []
    var options: Set<String> = []
    /// The values of options that were given.
    var values: [String: String] = [:]
    /// The option whose value comes next.
    var awaiting: Option?
    /// Whether `--` has ended the options.
    var onlyWords = false
    var operation: Operation?
  }

  private func read(_ words: [String]) -> Typed {
    var typed = Typed()
    for word in words {
      if let option = typed.awaiting {
        typed.values[option.name] = word
        typed.awaiting = nil
      } else if typed.onlyWords || word == "-" || !word.hasPrefix("-") {
        typed.positional.append(word)
        if typed.operation == nil { typed.operation = operation(typed.positional) }
      } else if word == "--" {
        typed.onlyWords = true
      } else if let option = option(word, typed) {
        typed.options.insert(option.name)
        guard option.value != nil else { continue }
        if let equals = word.firstIndex(of: "=") {
          typed.values[option.name] = String(word[word.index(after: equals)...])
        } else {
          typed.awaiting = option
        }
      }
    }
    return typed
  }

  private func operation(_ words: [String]) -> Operation? {
    guard let noun = words.first else { return nil }
    return registry.find(noun, words.dropFirst().first) ?? registry.find(noun, nil)
  }

  private func option(_ word: String, _ typed: Typed) -> Option? {
    let name = word.prefix { $0 != "=" }
    return known(typed).first { "--\($0.name)" == name || $0.short.map { "-\($0)" } == word }
  }

  private func known(_ typed: Typed) -> [Option] {
    let own = typed.operation?.options ?? []
    guard place == .conversation else {
      return own + GlobalOptions.options + Setting.all.map(\.option)
    }
    // What is configured is fixed there.
    return own + GlobalOptions.options.filter { $0.name != "config" }
  }

  private func options(_ typed: Typed, _ current: String) -> Candidates {
    if let equals = current.firstIndex(of: "="), let option = option(current, typed) {
      let name = current[...equals]
      let value = String(current[current.index(after: equals)...])
      guard case .words(let found) = values(option.kind, value, typed) else { return .files }
      return .words(found.map { Candidate(name + $0.word, $0.description) })
    }
    let free = known(typed).filter { $0.isRepeatable || !typed.options.contains($0.name) }
    return matching(free.map { Candidate("--\($0.name)", $0.help) }, current)
  }

  private func positional(_ typed: Typed, _ current: String) -> Candidates {
    guard let noun = typed.positional.first else {
      let nouns = registry.nouns.filter(isSpoken).map { noun in
        Candidate(noun, registry.summary(of: noun))
      }
      let meta =
        place == .conversation && typed.options.isEmpty
        ? MetaCommand.allCases.map { Candidate($0.rawValue, $0.summary) } : []
      return matching(nouns + meta.filter { !$0.word.hasPrefix("\\") }, current)
    }
    guard let operation = typed.operation else {
      return matching(typed.positional.count == 1 ? verbs(of: noun) : [], current)
    }
    let given = Array(typed.positional.dropFirst(operation.verb == nil ? 1 : 2))
    guard let argument = operation.argument(at: given.count) else { return .words([]) }
    if argument.kind == .verb { return matching(verbs(of: given.first ?? ""), current) }
    guard case .words(let found) = values(argument.kind, current, typed) else { return .files }
    return .words(found.filter { !given.contains($0.word) })
  }

  private func verbs(of noun: String) -> [Candidate] {
    registry.verbs(of: noun).compactMap { operation in
      operation.verb.map { Candidate($0, operation.summary) }
    }
  }

  /// Whether a noun is for this place.
  private func isSpoken(_ noun: String) -> Bool {
    place == .shell
      || !registry.verbs(of: noun).contains {
        $0.effect == .converses || $0.noun == ServeOperation.noun
      }
  }

  private func matching(_ candidates: [Candidate], _ current: String) -> Candidates {
    .words(candidates.filter { $0.word.hasPrefix(current) })
  }

  private func values(_ kind: ValueKind, _ current: String, _ typed: Typed) -> Candidates {
    switch kind {
    case .file: return .files
    case .choice(let choices): return matching(choices.map { Candidate($0) }, current)
    case .noun: return matching(registry.nouns.map { Candidate($0) }, current)
    case .endpoint: return matching(endpoints.map { Candidate($0) }, current)
    case .live(let names): return .words(lookup(names, current, typed.values))
    case .text, .prose, .integer, .moment, .verb: return .words([])
    }
  }

  // MARK: The REPL's own

  private func metaCommand(_ words: [String], _ current: String) -> Candidates? {
    guard let first = words.first else {
      guard current.hasPrefix("\\") else { return nil }
      return matching(
        MetaCommand.allCases.map(\.rawValue).filter { $0.hasPrefix("\\") }.map { Candidate($0) },
        current)
    }
    switch MetaCommand(first) {
    case .include: return .files
    case .commandHelp: return candidates(after: ["help"] + words.dropFirst(), for: current)
    case .output:
      return words.count == 1
        ? matching(OutputFormat.allCases.map { Candidate($0.rawValue) }, current) : .words([])
    case nil: return nil
    default: return .words([])
    }
  }
}
