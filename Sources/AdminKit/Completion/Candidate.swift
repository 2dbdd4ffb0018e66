/// Something that TAB offers.
public struct Candidate: Sendable, Hashable {
  /// As it is.
  public let word: String
  /// As it is written in the line, quoted where it must be.
  var text: String
  public let description: String
  /// Whether more belongs to the word, so that nothing follows it yet.
  public let isOpen: Bool

  init(_ word: String, _ description: String = "", isOpen: Bool = false) {
    self.word = word
    text = word
    self.description = description
    self.isOpen = isOpen
  }
}

/// What may stand at a place of a command line.
public enum Candidates: Sendable, Equatable {
  case words([Candidate])
  case files
}
