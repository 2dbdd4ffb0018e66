import Domain

/// Pictures that people uploaded.
enum Media {
  static let routes: [Route] = [
    Route(.get, "media/avatars/<str:name>", .detail(nil), .anyone, handle: avatar)
  ]

  /// Whatever is in a picture, a browser shows it as one and runs nothing of it.
  private static let harmless = [
    Response.Header("Content-Security-Policy", "default-src 'none'; sandbox")
  ]

  @Sendable private static func avatar(_ context: Context) async throws -> Response {
    let name = context.path.texts[0]
    // An address is never used for other content.
    let tag = Response.Header("ETag", "\"\(Secrets.sha256(name).prefix(8).hex)\"")
    let picture = try await Avatars(context.services.database).find(name)
    let headers = harmless + [tag, .init("Cache-Control", "public, max-age=31536000, immutable")]
    if let condition = context.request.head.ifNoneMatch,
      condition.trimmed == "*" || condition.contains(tag.value)
    {
      return Response(304, headers: headers)
    }
    return Response(
      200, headers: headers + [.init("Content-Type", picture.type)], body: .bytes(picture.bytes))
  }
}
