import Domain

/// What a command line asks for.
public struct ParsedCommand: Sendable {
  /// Nil when only help is wanted, of `noun` where that is named.
  public let operation: Operation?
  public let noun: String?
  public let arguments: Arguments
  public let global: GlobalOptions
  /// Settings given as options, by key.
  public let settings: [String: String]
  public let configFile: String?
}

/// Reads command lines by the registry's descriptions.
public struct CommandLineParser: Sendable {
  private let registry: Registry

  public init(_ registry: Registry) { self.registry = registry }

  /// The command line in the making.
  private struct Draft {
    var words: [String] = []
    var options: [String: [String]] = [:]
  }

  /// - Throws: `Failure` with status `usage`, and the nearest name where there is one.
  public func parse(_ line: [String]) throws(Failure) -> ParsedCommand {
    let operation = findOperation(line)
    let known = GlobalOptions.options + Setting.all.map(\.option) + (operation?.options ?? [])
    let draft = try read(line, known)
    let global = try GlobalOptions(draft.options)
    var settings: [String: String] = [:]
    for setting in Setting.all {
      if let value = draft.options[setting.optionName]?.last { settings[setting.key] = value }
    }
    let configFile = draft.options["config"]?.last
    guard let operation else {
      if let noun = draft.words.first { try checkNoun(noun, draft.words.dropFirst().first, global) }
      return ParsedCommand(
        operation: nil, noun: draft.words.first, arguments: Arguments(), global: global,
        settings: settings, configFile: configFile)
    }
    var arguments = Arguments()
    arguments.options = draft.options
    if !global.help {
      let words = draft.words.dropFirst(operation.verb == nil ? 1 : 2)
      arguments.words = try assign(Array(words), to: operation)
    }
    return ParsedCommand(
      operation: operation, noun: operation.noun, arguments: arguments, global: global,
      settings: settings, configFile: configFile)
  }

  /// The noun and the verb are the first words that aren't options or the value of a global one.
  private func findOperation(_ line: [String]) -> Operation? {
    var words: [String] = []
    var isValue = false
    let valued = GlobalOptions.options.filter { $0.value != nil }
    for word in line {
      if isValue {
        isValue = false
      } else if word.hasPrefix("-"), word.count > 1 {
        let name = String(word.drop { $0 == "-" })
        isValue =
          valued.contains { $0.name == name || $0.short.map(String.init) == name }
          || Setting.all.contains { $0.optionName == name }
      } else {
        words.append(word)
        if words.count == 2 { break }
      }
    }
    guard let noun = words.first else { return nil }
    return registry.find(noun, words.dropFirst().first) ?? registry.find(noun, nil)
  }

  private func read(_ line: [String], _ known: [Option]) throws(Failure) -> Draft {
    var draft = Draft()
    var rest = line[...]
    while let word = rest.popFirst() {
      if word == "--" {
        draft.words += rest
        break
      }
      if word == "-" || !word.hasPrefix("-") {
        draft.words.append(word)
        continue
      }
      try readOption(word, &rest, known, &draft)
    }
    return draft
  }

  private func readOption(
    _ word: String, _ rest: inout ArraySlice<String>, _ known: [Option], _ draft: inout Draft
  ) throws(Failure) {
    var name = word
    var attached: String?
    let option: Option?
    if word.hasPrefix("--") {
      if let equals = word.firstIndex(of: "=") {
        name = String(word[..<equals])
        attached = String(word[word.index(after: equals)...])
      }
      option = known.first { "--\($0.name)" == name }
    } else {
      name = String(word.prefix(2))
      option = known.first { $0.short.map { "-\($0)" } == name }
      if word.count > 2 { attached = String(word.dropFirst(2)) }
    }
    guard let option else {
      let nearest = NearestName.find(String(name.dropFirst(2)), in: known.map(\.name))
      throw Failure(
        .usage, "there is no option “\(name)” here",
        hint: nearest.map { "did you mean --\($0)?" })
    }
    if draft.options[option.name] != nil, !option.isRepeatable {
      throw Failure(.usage, "--\(option.name) is given twice")
    }
    guard option.value != nil else {
      if attached != nil { throw Failure(.usage, "--\(option.name) takes no value") }
      draft.options[option.name] = [""]
      return
    }
    guard let value = attached ?? rest.popFirst() else {
      throw Failure(.usage, "--\(option.name) wants a value: \(option.usage)")
    }
    try check(value, option.kind, "--\(option.name)")
    draft.options[option.name, default: []].append(value)
  }

  // MARK: Checking

  private func check(_ value: String, _ kind: ValueKind, _ what: String) throws(Failure) {
    if let fault = kind.fault(of: value) {
      throw Failure(.usage, "\(what): \(fault.message)", hint: fault.hint)
    }
  }

  private func assign(
    _ words: [String], to operation: Operation
  ) throws(Failure) -> [String: [String]] {
    var rest = words[...]
    var assigned: [String: [String]] = [:]
    for argument in operation.arguments {
      switch argument.arity {
      case .one, .optional:
        guard let word = rest.popFirst() else {
          if argument.arity == .optional { continue }
          throw missing(argument, operation)
        }
        assigned[argument.name] = [word]
      case .many, .any:
        if rest.isEmpty, argument.arity == .many { throw missing(argument, operation) }
        assigned[argument.name] = Array(rest)
        rest = []
      }
      for word in assigned[argument.name] ?? [] where word != "-" {
        try check(word, argument.kind, argument.name)
      }
    }
    if let extra = rest.first {
      throw Failure(
        .usage, "“\(extra)” is one word too many", hint: "usage: havocctl \(operation.usage)")
    }
    return assigned
  }

  private func missing(_ argument: Argument, _ operation: Operation) -> Failure {
    Failure(
      .usage, "\(argument.name) is missing", hint: "usage: havocctl \(operation.usage)")
  }

  private func checkNoun(
    _ noun: String, _ verb: String?, _ global: GlobalOptions
  ) throws(Failure) {
    guard registry.nouns.contains(noun) else {
      throw Failure(
        .usage, "there is no command “\(noun)”",
        hint: NearestName.find(noun, in: registry.nouns).map { "did you mean \($0)?" }
          ?? "havocctl help lists them")
    }
    let verbs = registry.verbs(of: noun).compactMap(\.verb)
    guard let verb else {
      if global.help { return }
      throw Failure(
        .usage, "\(noun) wants a verb", hint: "one of: \(verbs.joined(separator: ", "))")
    }
    throw Failure(
      .usage, "\(noun) has no verb “\(verb)”",
      hint: NearestName.find(verb, in: verbs).map { "did you mean \(noun) \($0)?" }
        ?? "there are: \(verbs.joined(separator: ", "))")
  }
}
