import Postgres

/// A place where a search looks: one that an index finds, or a table that stays small.
public enum Search: Sendable {
  /// A key, with case folded away and sorted by its bytes, that begins so.
  case beginning(String)
  /// A text that has it anywhere, without regard to case.
  case containing(String)
  /// Exactly this text.
  case text(String)
  case number(String)
  case uuid(String)
  /// An address within the network.
  case network(String)

  /// Nil where nothing can be found there by such a text.
  fileprivate func condition(_ text: String) -> Condition? {
    switch self {
    case .beginning(let sql):
      return Condition("\(sql) LIKE ?::text", .text(Self.pattern(text.caseFoldedKey) + "%"))
    case .containing(let sql):
      return Condition("\(sql) ILIKE ?::text", .text("%" + Self.pattern(text) + "%"))
    case .text(let sql): return Condition("\(sql) = ?::text", .text(text))
    case .number(let sql):
      return Int64(text).map { Condition("\(sql) = ?::bigint", .int($0)) }
    case .uuid(let sql): return UUID(text).map { Condition("\(sql) = ?::uuid", .uuid($0)) }
    case .network(let sql):
      return Network(text).map { Condition("\(sql) <<= ?::text::inet", .text($0.description)) }
    }
  }

  /// A text that stands for itself in a pattern.
  private static func pattern(_ text: String) -> String {
    var pattern = ""
    for character in text {
      if "\\%_".contains(character) { pattern.append("\\") }
      pattern.append(character)
    }
    return pattern
  }
}

extension Listing {
  /// Whether its rows can be searched for.
  public var isSearchable: Bool { !searched.isEmpty }

  /// The rows that are found by a text.
  func search(_ text: String) -> Condition {
    .any(searched.compactMap { $0.condition(text.trimmed) })
  }
}
