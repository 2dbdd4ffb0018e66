/// An operation with all that it is told.
public struct Command: Sendable {
  public let operation: Operation
  public var arguments: Arguments
  public var global: GlobalOptions
  let password: GivenPassword?

  public init(
    _ operation: Operation, _ arguments: Arguments = Arguments(),
    _ global: GlobalOptions = GlobalOptions(), password: GivenPassword? = nil
  ) {
    self.operation = operation
    self.arguments = arguments
    self.global = global
    self.password = password
  }

  /// What does the same in a shell.
  public var line: String {
    var words = ["havocctl", operation.name]
    let named = operation.arguments.flatMap { arguments.list($0.name) }
    // What begins as an option does stands behind the options' end.
    let endsOptions = named.contains { $0.hasPrefix("-") }
    if !endsOptions { words += named.map(Self.quoted) }
    for option in operation.options {
      for value in arguments.values(option.name) {
        words.append("--\(option.name)")
        if option.value != nil { words.append(Self.quoted(value)) }
      }
    }
    for filter in global.filters {
      words += [
        "--where", Self.quoted(filter.key + filter.comparison.rawValue + filter.value),
      ]
    }
    if let search = global.search { words += ["--search", Self.quoted(search)] }
    if let columns = global.columns {
      words += ["--columns", Self.quoted(columns.joined(separator: ","))]
    }
    if !global.sort.isEmpty {
      words.append(Self.quoted("--sort=\(global.sort.joined(separator: ","))"))
    }
    if let limit = global.limit { words += ["--limit", "\(limit)"] }
    if global.wide { words.append("--wide") }
    if let count = global.confirm { words.append("--confirm=\(count)") }
    if global.yes { words.append("--yes") }
    if endsOptions { words += ["--"] + named.map(Self.quoted) }
    return words.joined(separator: " ")
  }

  /// A word that a shell takes as it is.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "@%+=:,./-_".utf8.contains(byte)
      }
    }
    if isPlain, !word.isEmpty { return word }
    return "'" + word.replacing(scalar: "'", with: #"'\''"#) + "'"
  }
}
