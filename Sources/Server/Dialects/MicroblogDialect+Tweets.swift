import Domain

extension MicroblogDialect {
  static let tweetRoutes: [Route] = [
    Route(.get, "api/tweets", speech, .caller, handle: timeline),
    Route(.post, "api/tweets", speech, .caller, [content, replyTo], handle: post),
    Route(.get, "api/tweets/<int:id>", speech, .caller, handle: show),
    Route(.delete, "api/tweets/<int:id>", speech, .caller, handle: deleteTweet),
    Route(.get, "api/tweets/user/<int:id>", speech, .caller, handle: listByAuthor),
    Route(.get, "api/tweets/<int:id>/replies", speech, .caller, handle: listReplies),
    Route(.put, "api/tweets/like/<int:id>", speech, .caller, handle: like),
  ]

  private static let content = Field("content", .text(longest: longest))
  private static let replyTo = Field("reply_to", .integer, isRequired: false)

  private static func write(_ tweet: Tweet, to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", tweet.id)
      $0.key("profile")
      $0.object {
        $0.field("id", tweet.author)
        $0.field("alias", tweet.alias)
        $0.field("username", tweet.username)
      }
      $0.field("content", tweet.content)
      $0.field("created", tweet.created.rfc3339)
      $0.key("reply_to")
      if let id = tweet.replyTo { $0.int(id) } else { $0.null() }
      $0.field("likes", tweet.likes)
      $0.field("liked", tweet.isLiked)
      $0.field("replies", tweet.replies)
    }
  }

  private static func answer(_ status: Int, _ tweet: Tweet) -> Response {
    var writer = JSONWriter(capacity: 1_024)
    write(tweet, to: &writer)
    return .json(status, writer.bytes)
  }

  @Sendable private static func post(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    return answer(
      201,
      try await context.tweets.post(
        caller, input.required(content), replyTo: input.integer(replyTo)))
  }

  @Sendable private static func show(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    return answer(200, try await context.tweets.find(context.numbers[0], for: caller))
  }

  @Sendable private static func deleteTweet(_ context: Context) async throws -> Response {
    try await context.tweets.delete(context.numbers[0], try await context.caller())
    return Response(204)
  }

  @Sendable private static func like(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    return answer(200, try await context.tweets.toggleLike(context.numbers[0], caller))
  }

  // MARK: Lists

  /// A page of what grows at its beginning: the newest of `?before=`, and a Link to those before.
  private static func newest(
    _ context: Context, _ fetch: (_ before: Int64, _ limit: Int) async throws -> [Tweet]
  ) async throws -> Response {
    let page = try NewestPage(context.request)
    let found = try await fetch(page.before, page.limit + 1)
    var writer = JSONWriter(capacity: 256 * page.limit)
    writer.beginArray()
    for tweet in found.prefix(page.limit) { write(tweet, to: &writer) }
    writer.endArray()
    var response = Response.json(200, writer.bytes)
    if found.count > page.limit {
      let last = found[page.limit - 1].id
      response.headers.append(page.link(context.request, next: last))
    }
    return response
  }

  @Sendable private static func timeline(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    return try await newest(context) {
      try await context.tweets.timeline(caller, before: $0, limit: $1)
    }
  }

  @Sendable private static func listByAuthor(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let author = try await context.followers.view(context.numbers[0], for: caller).profile.id
    return try await newest(context) {
      try await context.tweets.page(by: author, for: caller, before: $0, limit: $1)
    }
  }

  @Sendable private static func listReplies(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let tweets = context.tweets
    let id = try await tweets.find(context.numbers[0], for: caller).id
    return try await context.list(
      ListSource(
        id: \.id,
        fetch: { try await tweets.replies(to: id, for: caller, after: $0, limit: $1) },
        write: write))
  }
}

extension Context {
  var tweets: Tweets { Tweets(services.database) }
}
