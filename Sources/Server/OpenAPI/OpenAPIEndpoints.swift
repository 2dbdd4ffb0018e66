import Domain

/// Where the API is described, to programs and to people.
enum OpenAPIEndpoints {
  static let routes: [Route] = [
    Route(.get, "openapi.json", .detail(nil), .anyone, handle: document)
      .documented(
        "openapi", "This description",
        .ok(Schema(.object([])).open.example(["openapi": .string(OpenAPIDocument.version)]))
          .with(.etag),
        .empty(304, "It hasn't changed.")
      )
      .asking([.ifNoneMatch])
      .failing(404, off),
    Route(.get, "docs/", .detail(nil), .anyone, handle: page)
      .documented(
        "docs", "This description as a page",
        Answer(status: 200, about: "The page.", content: .other(["text/html"], .string()))
      )
      .failing(404, off),
  ]

  private static let off = "The setting `docs` is off."

  /// Rendered once.
  private static let rendered: (body: SharedBytes, tag: Response.Header) = {
    var writer = JSONWriter(capacity: 1 << 18)
    writer.value(OpenAPIDocument(Worker.api).json)
    let tag = Secrets.sha256(writer.bytes).prefix(8).hex
    return (SharedBytes(writer.bytes), .init("ETag", "\"\(tag)\""))
  }()

  private static func check(_ context: Context) throws {
    guard context.services.settings.disclosure.docs else { throw Refusal.notFound("Not found.") }
  }

  @Sendable private static func page(_ context: Context) async throws -> Response {
    try check(context)
    return WebPage(
      title: "API · havocctl", styles: ["style.css", "docs.css"], scripts: ["docs.js"],
      body: DocsPage.html
    ).response
  }

  @Sendable private static func document(_ context: Context) async throws -> Response {
    try check(context)
    let (body, tag) = rendered
    let headers = [Response.jsonType, tag, .init("Cache-Control", "no-cache")]
    let isKnown = context.request.head.has(tag.value)
    return Response(isKnown ? 304 : 200, headers: headers, body: .shared(body))
  }
}
