/// Renders what the registry says for a person at a terminal.
public struct Help: Sendable {
  private let registry: Registry

  public init(_ registry: Registry) { self.registry = registry }

  /// Everything there is, on one screen.
  public func overview() -> String {
    var text = """
      usage: havocctl NOUN VERB [ARGUMENT…] [--option…]

      One server for five REST dialects, and the administration of its database.


      """
    let rows = registry.nouns.map { noun in
      let operations = registry.verbs(of: noun)
      let verbs = operations.compactMap(\.verb).joined(separator: " ")
      return verbs.isEmpty ? (noun, operations[0].summary) : (noun, verbs)
    }
    text += Self.columns(rows)
    text += """

      havocctl help NOUN [VERB]   what it does, its options, examples
      havocctl NOUN VERB --help   the same

      """
    return text
  }

  /// One noun's verbs.
  public func noun(_ noun: String) -> String {
    let operations = registry.verbs(of: noun)
    if operations.count == 1, operations[0].verb == nil { return operation(operations[0]) }
    let summary = Registry.summary(of: noun)
    return "havocctl \(noun): \(summary)\n\n"
      + Self.columns(operations.map { ($0.usage, $0.summary) })
      + "\nhavocctl help \(noun) VERB   options and examples\n"
  }

  /// One operation, whole.
  public func operation(_ operation: Operation) -> String {
    var text = "usage: havocctl \(operation.usage)\n\n\(operation.summary).\n"
    if !operation.allDetails.isEmpty { text += "\n\(operation.allDetails)\n" }
    if !operation.arguments.isEmpty {
      text += "\nArguments:\n" + Self.columns(operation.arguments.map { ($0.name, $0.help) })
    }
    if !operation.options.isEmpty {
      text += "\nOptions:\n" + Self.columns(operation.options.map { ($0.usage, $0.help) })
    }
    if !operation.words.isEmpty {
      text += "\nCommands of its own:\n" + Self.columns(operation.words)
    }
    if !operation.columns.isEmpty {
      let names = operation.columns.map { $0.wide ? "[\($0.key)]" : $0.key }
      text += "\nColumns ([wide ones] with --wide):\n  \(names.joined(separator: " "))\n"
    }
    text += "\nEverywhere:\n" + Self.columns(GlobalOptions.options.map { ($0.usage, $0.help) })
    if !operation.examples.isEmpty {
      text += "\nExamples:\n" + operation.examples.map { "  \($0)\n" }.joined()
    }
    text += "\nExit status:\n"
    text += Self.columns(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
    return text
  }

  /// Two columns, the second where the first of the longest row ends; a first that is longer than
  /// most gets a line of its own.
  static func columns(_ rows: [(String, String)]) -> String {
    let width = min(34, rows.map(\.0.count).max() ?? 0)
    return rows.map { first, second in
      if first.count > width {
        return "  \(first)\n" + String(repeating: " ", count: width + 4) + second + "\n"
      }
      let padding = String(repeating: " ", count: width - first.count)
      return "  \(first)\(padding)  \(second)\n"
    }.joined()
  }
}
