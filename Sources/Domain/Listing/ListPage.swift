import Postgres

/// Which part of a list is wanted: what follows a row, or what stands before it. The row is told by
/// what the list is ordered by, so a page costs the same wherever it is, and rows that come or go
/// move no other to a page where it stands twice or nowhere.
public struct ListPage: Sendable {
  public enum Direction: Sendable { case forward, backward }

  /// What a row has in the columns that order the list; nil for null.
  public typealias Cursor = [String?]

  public let direction: Direction
  /// Nil for the list's beginning, or its end.
  public let cursor: Cursor?

  public init(_ direction: Direction, _ cursor: Cursor?) {
    self.direction = direction
    self.cursor = cursor
  }
}

/// A part of a list's order.
struct OrderTerm {
  let field: Listing.Field
  var isDescending: Bool
  /// Nulls come last, unless the list is read from its end.
  var nullsFirst = false
  /// Whether only a text's beginning counts, so that what a page ends with fits into an address.
  var isShortened = false

  private static let shortened = 100

  var expression: String {
    if let indexed = field.indexed { return indexed }
    guard isShortened, field.column.kind == .text else { return field.sql }
    return "left(\(field.sql), \(Self.shortened))"
  }

  var reversed: OrderTerm {
    var copy = self
    copy.isDescending = !isDescending
    copy.nullsFirst = !nullsFirst
    return copy
  }

  var sql: String {
    let direction = isDescending ? " DESC" : ""
    // What is never null has an index that knows nothing of where nulls go; and without a word they
    // come last, or first in a descending order.
    if field.indexed != nil || nullsFirst == isDescending { return expression + direction }
    return expression + direction + (nullsFirst ? " NULLS FIRST" : " NULLS LAST")
  }

  /// What a page's row is told by, behind the columns that are shown.
  var cursorField: Listing.Field {
    var column = Column(field.column.key, .text, isHidden: true)
    column.isCursor = true
    return Listing.Field(column, "(\(expression))::text")
  }

  private func parameter(_ value: String) -> (placeholder: String, parameter: Parameter) {
    let type = field.comparedAs ?? field.type
    return ("?::text::\(type)", .text(value))
  }

  /// The rows that are the same in this.
  func equals(_ value: String?) -> Condition {
    guard let value else { return Condition("\(expression) IS NULL") }
    let (placeholder, parameter) = parameter(value)
    return Condition("\(expression) = \(placeholder)", parameter)
  }

  /// The rows that come later by this; nil where none can.
  func follows(_ value: String?) -> Condition? {
    guard let value else { return nullsFirst ? Condition("\(expression) IS NOT NULL") : nil }
    let (placeholder, parameter) = parameter(value)
    let beyond = "\(expression) \(isDescending ? "<" : ">") \(placeholder)"
    let mayBeNull = field.indexed == nil && !nullsFirst
    return Condition(mayBeNull ? "(\(beyond) OR \(expression) IS NULL)" : beyond, parameter)
  }

  /// The rows that don't come earlier by this: what an index can begin at.
  func doesNotPrecede(_ value: String?) -> Condition? {
    guard let value, field.indexed != nil else { return nil }
    let (placeholder, parameter) = parameter(value)
    return Condition("\(expression) \(isDescending ? "<=" : ">=") \(placeholder)", parameter)
  }
}

extension Listing.Field {
  /// The type of its expression.
  fileprivate var type: String {
    switch column.kind {
    case .bool: "boolean"
    case .int: "bigint"
    case .text, .list: "text"
    case .time: "timestamptz"
    }
  }
}

extension [OrderTerm] {
  /// The rows behind one.
  /// - Throws: `.malformed` where it isn't one of this list in this order.
  func condition(behind cursor: ListPage.Cursor) throws(Refusal) -> Condition {
    guard cursor.count == count else {
      throw .malformed("The page's address isn't one of this list in this order.")
    }
    var alternatives: [Condition] = []
    for index in indices {
      guard let beyond = self[index].follows(cursor[index]) else { continue }
      let same = (0..<index).map { self[$0].equals(cursor[$0]) }
      alternatives.append(Condition.all(same + [beyond]))
    }
    let bound = first?.doesNotPrecede(cursor[0])
    return Condition.all([bound, Condition.any(alternatives)].compactMap { $0 })
  }
}

extension Condition {
  /// All of them hold.
  static func all(_ conditions: [Condition]) -> Condition {
    joined(conditions, " AND ", none: "true")
  }

  /// One of them holds.
  static func any(_ conditions: [Condition]) -> Condition {
    joined(conditions, " OR ", none: "false")
  }

  private static func joined(
    _ conditions: [Condition], _ word: String, none: String
  ) -> Condition {
    guard !conditions.isEmpty else { return Condition(none) }
    return Condition(
      sql: "(" + conditions.map(\.sql).joined(separator: word) + ")",
      parameters: conditions.flatMap(\.parameters))
  }
}

extension Listing {
  /// What orders the list: what is asked for, then what always does.
  func orderTerms(_ sort: [String], inParts: Bool) throws(Refusal) -> [OrderTerm] {
    var terms: [OrderTerm] = []
    // What ties are told apart by goes the same way, so that one index serves both.
    let turned = sort.last.map { $0.hasPrefix("-") }
    for (index, name) in (sort + order).enumerated() {
      let isMarked = name.hasPrefix("-")
      let isDescending = index < sort.count ? isMarked : turned ?? isMarked
      let field = try field(named: isMarked ? String(name.dropFirst()) : name)
      guard !terms.contains(where: { $0.field.column.key == field.column.key }) else { continue }
      terms.append(
        OrderTerm(field: field, isDescending: isDescending, isShortened: inParts))
    }
    return terms
  }
}
