import Postgres

/// `KEY=VALUE` and its siblings.
public struct Filter: Sendable, Hashable {
  public enum Comparison: String, Sendable, CaseIterable {
    // Longest first: `!=` must not be read as a key that ends in `!`.
    case notEqual = "!="
    case equal = "="
    case less = "<"
    case greater = ">"
    /// The value is a regular expression that matches somewhere, as in SQL.
    case matches = "~"
  }

  public let key: String
  public let comparison: Comparison
  public let value: String

  public init(_ key: String, _ comparison: Comparison, _ value: String) {
    self.key = key
    self.comparison = comparison
    self.value = value
  }

  /// Reads `KEY=VALUE`, `KEY!=VALUE`, `KEY<VALUE`, `KEY>VALUE` or `KEY~VALUE`.
  public init?(_ text: String) {
    let key = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let rest = text[key.endIndex...]
    guard !key.isEmpty,
      let comparison = Comparison.allCases.first(where: {
        rest.hasPrefix($0.rawValue)
      })
    else { return nil }
    self.init(String(key), comparison, String(rest.dropFirst(comparison.rawValue.count)))
  }
}

/// A condition in SQL; each `?` stands for the next parameter.
public struct Condition: Sendable {
  let sql: String
  let parameters: [Parameter]

  public init(_ sql: String, _ parameters: Parameter...) {
    self.sql = sql
    self.parameters = parameters
  }

  init(sql: String, parameters: [Parameter]) {
    self.sql = sql
    self.parameters = parameters
  }

  /// Appends the condition's text with its placeholders numbered after those that came before.
  func append(to text: inout String, _ all: inout [Parameter]) {
    var rest = parameters[...]
    for character in sql {
      if character == "?", let parameter = rest.popFirst() {
        all.append(parameter)
        text += "$\(all.count)"
      } else {
        text.append(character)
      }
    }
  }
}

extension Filter {
  /// The condition that this filter puts on a column.
  func condition(on field: Listing.Field) throws(Refusal) -> Condition {
    let sql = field.sql
    if comparison == .equal, field.comparedAs == "uuid", let id = UUID(value) {
      return Condition("\(field.indexed ?? sql) = ?::uuid", .uuid(id))
    }
    let parameter = try parameter(for: field.column)
    switch comparison {
    case .equal:
      if value.isEmpty { return Condition(sql: "(\(sql) IS NULL)", parameters: []) }
      return Condition(sql: "\(sql) = \(field.placeholder)", parameters: [parameter])
    case .notEqual:
      if value.isEmpty { return Condition(sql: "(\(sql) IS NOT NULL)", parameters: []) }
      return Condition(
        sql: "\(sql) IS DISTINCT FROM \(field.placeholder)", parameters: [parameter])
    case .less: return Condition(sql: "\(sql) < \(field.placeholder)", parameters: [parameter])
    case .greater: return Condition(sql: "\(sql) > \(field.placeholder)", parameters: [parameter])
    case .matches: return Condition(sql: "(\(sql))::text ~ ?::text", parameters: [.text(value)])
    }
  }

  private func parameter(for column: Column) throws(Refusal) -> Parameter {
    guard comparison != .matches, !value.isEmpty else { return .null }
    switch column.kind {
    case .text, .list: return .text(value)
    case .int:
      guard let number = Int64(value) else { throw invalid("a whole number") }
      return .int(number)
    case .bool:
      switch value.lowercased() {
      case "true", "yes", "on", "1": return .bool(true)
      case "false", "no", "off", "0": return .bool(false)
      default: throw invalid("yes or no")
      }
    case .time:
      guard let moment = Moment(value) else {
        throw invalid("a time: RFC 3339, a date, or a span back such as 12h")
      }
      return .time(moment.resolved(.past))
    }
  }

  private func invalid(_ expected: String) -> Refusal {
    .invalid([FieldError(key, "“\(value)” isn't \(expected).")])
  }
}
