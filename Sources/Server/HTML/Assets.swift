import Domain

/// The files that pages are shown with. They are part of the program.
enum Assets {
  static let routes: [Route] = [
    Route(.get, "assets/<str:name>", .detail(nil), .anyone, handle: file)
  ]

  private struct File {
    let type: String
    let bytes: SharedBytes
    /// Changes with the content, so that a browser keeps a file for as long as it is the right one.
    let tag: String

    init(_ type: String, _ bytes: [UInt8]) {
      self.type = type
      self.bytes = SharedBytes(bytes)
      tag = Secrets.sha256(bytes).prefix(6).hex
    }
  }

  private static let javascript = "text/javascript; charset=utf-8"
  private static let css = "text/css; charset=utf-8"

  private static let files: [String: File] = [
    "style.css": File(css, PackageResources.style_css),
    "docs.css": File(css, PackageResources.docs_css),
    "docs.js": File(javascript, PackageResources.docs_js),
    "dashboard.js": File(javascript, PackageResources.dashboard_js),
  ]

  /// Where a browser gets a file.
  static func address(of name: String) -> String {
    "/assets/\(name)?v=\(files[name]?.tag ?? "")"
  }

  @Sendable private static func file(_ context: Context) async throws -> Response {
    guard let file = files[context.path.texts[0]] else { throw Refusal.notFound("Not found.") }
    return Response(
      200,
      headers: [
        .init("Content-Type", file.type), .init("ETag", "\"\(file.tag)\""),
        .init("Cache-Control", "public, max-age=31536000, immutable"),
      ], body: .shared(file.bytes))
  }
}
