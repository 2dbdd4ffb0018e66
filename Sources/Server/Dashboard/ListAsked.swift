import AdminKit
import Domain

/// What a list's address asks for, as the command line's global options have it.
struct ListAsked {
  /// Names in an address that are no options of the operation.
  enum Name {
    static let search = "q"
    static let sort = "sort"
    static let columns = "columns"
    static let limit = "limit"
    static let filter = "where"
    static let next = "next"
    static let previous = "previous"
    static let count = "count"
    /// A filter in the making.
    static let column = "column"
    static let comparison = "comparison"
    static let value = "value"
  }

  static let usualLimit = 50
  private static let longest = 200

  let search: String
  let sort: [String]
  let columns: [String]
  let limit: Int
  private(set) var filters: [Filter] = []
  let page: ListPage
  private(set) var faults: [String] = []

  init(_ values: [String: [String]]) {
    func last(_ name: String) -> String? { values[name]?.last.map(\.trimmed) }
    search = last(Name.search) ?? ""
    sort = last(Name.sort)?.split(separator: ",").map(String.init) ?? []
    columns = (values[Name.columns] ?? []).flatMap { $0.split(separator: ",").map(String.init) }
    limit = min(Self.longest, max(1, last(Name.limit).flatMap { Int($0) } ?? Self.usualLimit))
    if let cursor = last(Name.previous) {
      page = ListPage(.backward, Self.cursor(cursor))
    } else {
      page = ListPage(.forward, last(Name.next).flatMap(Self.cursor))
    }
    for text in values[Name.filter] ?? [] {
      if let filter = Filter(text) {
        filters.append(filter)
      } else {
        faults.append("“\(text)” isn't a filter such as level=ADMIN.")
      }
    }
    if let key = last(Name.column), !key.isEmpty {
      let comparison = last(Name.comparison).flatMap(Filter.Comparison.init) ?? .equal
      filters.append(Filter(key, comparison, values[Name.value]?.last ?? ""))
    }
  }

  // MARK: Where a page ends

  /// Longer addresses no browser and no server likes.
  private static let longestCursor = 3_000

  /// Nil for one that is too long.
  static func text(of cursor: ListPage.Cursor) -> String? {
    var writer = JSONWriter()
    writer.value(.array(cursor.map { $0.map { .string($0) } ?? .null }))
    let text = Base64URL.encode(writer.bytes)
    return text.count <= longestCursor ? String(decoding: text, as: UTF8.self) : nil
  }

  /// Nil for what isn't one: the list begins at its beginning then.
  private static func cursor(_ text: String) -> ListPage.Cursor? {
    guard let bytes = Base64URL.decode(Array(text.utf8)),
      let elements = (try? JSON.parse(bytes))?.array
    else { return nil }
    return elements.map(\.string)
  }
}
