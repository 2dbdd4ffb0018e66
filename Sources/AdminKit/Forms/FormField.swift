import Domain
import Postgres

/// An argument or an option of an operation, as a field of a form.
public struct FormField: Sendable {
  /// What it is filled in with.
  public enum Control: Sendable, Equatable {
    case line
    case lines
    case number
    /// A time, or a span.
    case moment
    case choice([String])
    case toggle
    /// What one thing is called.
    case name(LiveNames)
    /// What things are called, one a line.
    case names(LiveNames)
  }

  /// The argument's name in capitals, or the option's; the form's field is called so.
  public let name: String
  public let help: String
  public let control: Control
  public let isRequired: Bool
  /// The option that says the contrary of a toggle.
  let negation: String?

  /// What it is called in answers, and in what is wrong with it.
  public let key: String

  /// What a person reads.
  public var label: String { key.asTitle }

  init(_ argument: Argument) {
    name = argument.name
    key = Self.key(of: name)
    help = argument.help.replacing("; - reads them", with: "")
    let isList = argument.arity == .many || argument.arity == .any
    control = Self.control(argument.kind, isList: isList)
    isRequired = argument.arity == .one || argument.arity == .many
    negation = nil
  }

  init(_ option: Option, among options: [Option]) {
    name = option.name
    key = Self.key(of: name)
    help = option.help
    control = option.value == nil ? .toggle : Self.control(option.kind, isList: false)
    isRequired = false
    negation = options.first { $0.name == "no-" + option.name }?.name
  }

  /// What an argument or an option is called there.
  public static func key(of name: String) -> String {
    let dash = UInt8(ascii: "-")
    return String(
      decoding: name.lowercased().utf8.map { $0 == dash ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }

  private static func control(_ kind: ValueKind, isList: Bool) -> Control {
    switch kind {
    case .prose: .lines
    case .integer: .number
    case .moment: .moment
    case .choice(let choices): .choice(choices)
    case .live(let names): isList ? .names(names) : .name(names)
    case .text, .file, .noun, .verb, .endpoint: .line
    }
  }

  /// The column of a thing that it changes.
  public func column(of listing: Listing) -> Column? {
    listing.columns.first { $0.key == key || $0.key == "is_" + key }
  }

  /// A value of its column, as it stands in the field.
  public static func text(of value: Value) -> String {
    switch value {
    case .null: ""
    case .bool(let value): value ? "on" : ""
    case .int(let number): String(number)
    case .text(let text): text
    case .time(let time): time.rfc3339
    case .list(let values): values.map(text(of:)).joined(separator: "\n")
    }
  }
}

extension String {
  /// A key's words as a person reads them: `last_login` is `Last login`.
  public var asTitle: String {
    var words = utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
    if let first = words.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) {
      words[0] = first & ~0x20
    }
    return String(decoding: words, as: UTF8.self)
  }
}
