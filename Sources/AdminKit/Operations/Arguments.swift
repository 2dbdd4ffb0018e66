import Domain

/// What a command line said, checked against its operation's description.
public struct Arguments: Sendable {
  /// The words of each argument, by its name.
  var words: [String: [String]] = [:]
  /// The values of each option that was given, by its name; a switch has one empty value.
  var options: [String: [String]] = [:]

  public init() {}

  /// Whether nothing was said.
  public var isEmpty: Bool { words.values.allSatisfy(\.isEmpty) && options.isEmpty }

  /// Gives an argument its words.
  public mutating func give(_ argument: String, _ words: [String]) { self.words[argument] = words }

  /// Gives an option without a value.
  public mutating func set(_ option: String) { options[option] = [""] }

  public func list(_ name: String) -> [String] { words[name] ?? [] }

  /// An argument that was required, and so is there.
  public func text(_ name: String) -> String { words[name]?.first ?? "" }

  public func optional(_ name: String) -> String? { words[name]?.first }

  public func flag(_ option: String) -> Bool { options[option] != nil }

  public func value(_ option: String) -> String? { options[option]?.last }

  public func values(_ option: String) -> [String] { options[option] ?? [] }

  /// A number; its form was checked when the line was read.
  public func integer(_ option: String) -> Int? { value(option).flatMap { Int($0) } }

  public func moment(_ option: String, _ direction: Moment.Direction) -> Moment? {
    value(option).flatMap { Moment($0) }
  }
}
