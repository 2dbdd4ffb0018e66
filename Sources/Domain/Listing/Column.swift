/// A column of an answer: its name, which is the JSON key and stays stable, and its kind.
public struct Column: Sendable, Hashable {
  public enum Kind: Sendable { case bool, int, text, time, list }

  public let key: String
  public let kind: Kind
  /// Shown only when a wide answer is asked for.
  public let wide: Bool
  /// Whether it says what the row is called, before its id does.
  public let isName: Bool
  /// Shown only when it is asked for by its name.
  public let isHidden: Bool
  /// Never shown: where a part of a list ends.
  public internal(set) var isCursor = false

  public init(
    _ key: String, _ kind: Kind, wide: Bool = false, isName: Bool = false, isHidden: Bool = false
  ) {
    self.key = key
    self.kind = kind
    self.wide = wide
    self.isName = isName
    self.isHidden = isHidden
  }

  /// What an account is called.
  public static let username = Column("username", .text, isName: true)
}
