import Domain

/// A part of a list, as `?limit=` and `?after=` ask for it.
struct Page: Sendable {
  /// Elements at the most; nil for all.
  let limit: Int?
  /// The id behind which the part begins.
  let after: Int64?

  /// The largest part.
  static let longest = 10_000

  /// - Throws: `.invalid` where a value isn't a number in range.
  init(_ request: Request) throws(Refusal) {
    limit = try request.number("limit", 1...Int64(Self.longest)).map(Int.init)
    after = try request.number("after", 0...Int64.max)
  }

  var isWhole: Bool { limit == nil && after == nil }

  /// A part, and the id behind which the next one begins, where there is one.
  struct Cut<Element> {
    let elements: ArraySlice<Element>
    let next: Int64?
  }

  /// - Parameter all: ordered by id.
  func cut<Element>(_ all: [Element], id: (Element) -> Int64) -> Cut<Element> {
    let start = after.map { after in all.firstIndex { id($0) > after } ?? all.endIndex } ?? 0
    let elements = limit.map { all[start...].prefix($0) } ?? all[start...]
    let isMore = elements.endIndex < all.endIndex
    return Cut(elements: elements, next: isMore ? elements.last.map(id) : nil)
  }

  /// Where the list goes on: the same request from there.
  func link(_ request: Request, next: Int64) -> Response.Header {
    .next(request, "limit=\(limit ?? Self.longest)&after=\(next)")
  }
}

/// A part of a list that has its newest first, as `?limit=` and `?before=` ask for it.
struct NewestPage: Sendable {
  let limit: Int
  /// All that are asked for have a smaller id.
  let before: Int64

  static let usual: Int64 = 50
  static let longest: Int64 = 200

  /// - Throws: `.invalid` where a value isn't a number in range.
  init(_ request: Request) throws(Refusal) {
    limit = Int(try request.number("limit", 1...Self.longest) ?? Self.usual)
    before = try request.number("before", 0...Int64.max) ?? Int64.max
  }

  /// Where the list goes on: the same request from there.
  func link(_ request: Request, next: Int64) -> Response.Header {
    .next(request, "limit=\(limit)&before=\(next)")
  }
}

extension Response.Header {
  /// Where a list goes on (RFC 8288); what else the query says stays as it was written.
  fileprivate static func next(_ request: Request, _ page: String) -> Response.Header {
    let others = request.query.split(separator: "&").filter { pair in
      !["limit", "after", "before"].contains(pair.prefix { $0 != "=" })
    }
    let query = (others.map(String.init) + [page]).joined(separator: "&")
    return Response.Header("Link", "<\(request.path)?\(query)>; rel=\"next\"")
  }
}

extension Request {
  /// A number of the query; nil where it isn't given.
  /// - Throws: `.invalid` where it isn't a number in range.
  func number(_ name: String, _ range: ClosedRange<Int64>) throws(Refusal) -> Int64? {
    guard let text = queryPairs?.first(where: { $0.name == name })?.value else { return nil }
    guard let value = Int64(text), range.contains(value) else {
      throw .invalid([
        FieldError(
          name, "A whole number from \(range.lowerBound) to \(range.upperBound) is wanted.")
      ])
    }
    return value
  }
}
