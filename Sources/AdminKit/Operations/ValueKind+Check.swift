import Domain

extension ValueKind {
  /// What keeps a text from being a value of this kind, as far as that can be told without the
  /// database.
  func fault(of value: String) -> (message: String, hint: String?)? {
    switch self {
    case .integer where Int(value) == nil: ("“\(value)” isn't a whole number", nil)
    case .live(.permission) where Int(value) == nil:
      ("“\(value)” isn't a permission code", "havocctl permission list")
    case .moment where Moment(value) == nil:
      ("“\(value)” isn't a time", "RFC 3339, a date, or a span such as 30m, 12h or 7d")
    case .choice(let choices) where !choices.contains(value):
      (
        "“\(value)” is none of \(choices.joined(separator: ", "))",
        NearestName.find(value, in: choices).map { "did you mean \($0)?" }
      )
    default: nil
    }
  }
}
