import Domain

/// Pictures that people uploaded.
enum Media {
  static let routes: [Route] = [
    Route(.get, "media/avatars/<str:name>", .detail(nil), .anyone, handle: avatar)
      .documented(
        "avatar", "A picture",
        Answer(status: 200, about: "The picture.", content: .other(Avatars.mediaTypes, .string()))
          .with(.etag),
        .empty(304, "It hasn't changed.")
      )
      .asking([.ifNoneMatch])
  ]

  /// Whatever is in a picture, a browser shows it as one and runs nothing of it.
  private static let harmless = [
    Response.Header("Content-Security-Policy", "default-src 'none'; sandbox")
  ]

  @Sendable private static func avatar(_ context: Context) async throws -> Response {
    let name = context.path.texts[0]
    let picture = try await Avatars(context.services.database).find(name)
    let tag = Response.Header("ETag", "\"\(Secrets.sha256(picture.bytes).prefix(8).hex)\"")
    let keeping =
      picture.isFixed ? "public, max-age=31536000, immutable" : "public, max-age=86400"
    let headers = harmless + [tag, .init("Cache-Control", keeping)]
    if context.request.head.has(tag.value) {
      return Response(304, headers: headers, body: .bytes(picture.bytes))
    }
    return Response(
      200, headers: headers + [.init("Content-Type", picture.type)], body: .bytes(picture.bytes))
  }
}
