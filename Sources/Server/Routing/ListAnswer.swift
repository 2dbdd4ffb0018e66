import Domain
import Postgres

/// How a list is read and said: which page it is, how an element is written.
struct ListSource<Element: Sendable>: Sendable {
  /// The elements behind an id, in order, out of the one database or the other.
  let fetch:
    @Sendable (_ from: any Querying, _ after: Int64, _ limit: Int) async throws -> [Element]
  /// Whether what stands behind a list's beginning may be a moment old.
  let mayBeOld: Bool
  let id: @Sendable (Element) -> Int64
  let write: @Sendable (Element, inout JSONWriter) -> Void

  init(
    id: @escaping @Sendable (Element) -> Int64, mayBeOld: Bool = false,
    fetch:
      @escaping @Sendable (_ from: any Querying, _ after: Int64, _ limit: Int) async throws
      -> [Element],
    write: @escaping @Sendable (Element, inout JSONWriter) -> Void
  ) {
    self.fetch = fetch
    self.mayBeOld = mayBeOld
    self.id = id
    self.write = write
  }
}

/// What stands around a list's elements.
struct ListFrame: Sendable {
  var opening = Array("[".utf8)
  var closing = Array("]".utf8)
}

extension Context {
  /// A list by id: the part that `?limit=` and `?after=` ask for with a Link to the next one, or all
  /// of it, which is read and sent page by page, however long it is.
  func list<Element>(
    _ source: ListSource<Element>, in frame: ListFrame = ListFrame()
  ) async throws -> Response {
    let page = try Page(request)
    let further: any Querying = source.mayBeOld ? services.standby : services.longReads
    let first: any Querying = page.after == nil ? services.longReads : further
    if let limit = page.limit {
      let found = try await source.fetch(first, page.after ?? 0, limit + 1)
      var response = Response.json(200, frame.bytes(found.prefix(limit), source))
      if found.count > limit {
        response.headers.append(page.link(request, next: source.id(found[limit - 1])))
      }
      return response
    }
    let beginning = try await source.fetch(first, page.after ?? 0, ListPages<Element>.size)
    guard beginning.count == ListPages<Element>.size else {
      return .json(200, frame.bytes(beginning[...], source))
    }
    let pages = ListPages(source, frame, first: beginning, further: further)
    return Response(
      200, headers: [Response.jsonType], body: .stream { try await pages.next() })
  }
}

extension ListFrame {
  fileprivate func bytes<Element>(
    _ elements: ArraySlice<Element>, _ source: ListSource<Element>
  ) -> [UInt8] {
    var writer = JSONWriter(capacity: elements.count * 160 + 64)
    for element in elements { source.write(element, &writer) }
    return opening + writer.bytes + closing
  }
}

/// The pieces of a list that is sent while it is read.
private actor ListPages<Element: Sendable> {
  /// Elements read at once.
  static var size: Int { 250 }

  private let source: ListSource<Element>
  private let frame: ListFrame
  private let database: any Querying
  /// Read and not written yet; nil when the list has ended.
  private var page: [Element]?
  private var writer = JSONWriter(capacity: 64 * 1_024)
  private var opening: [UInt8]

  init(
    _ source: ListSource<Element>, _ frame: ListFrame, first: [Element], further: any Querying
  ) {
    database = further
    self.source = source
    self.frame = frame
    page = first
    opening = frame.opening
  }

  func next() async throws -> [UInt8]? {
    guard let elements = page else { return nil }
    for element in elements { source.write(element, &writer) }
    var bytes = opening + writer.takeBytes()
    opening = []
    if elements.count == Self.size, let last = elements.last {
      page = try await source.fetch(database, source.id(last), Self.size)
    } else {
      page = nil
      bytes += frame.closing
    }
    return bytes
  }
}
