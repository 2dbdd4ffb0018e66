import Domain
import Postgres

extension MicroblogDialect {
  static let tweetRoutes: [Route] = [
    Route(.get, "api/tweets/", speech, .caller, handle: timeline)
      .documented(
        "timeline", "One's timeline",
        .ok(.array(tweet), "One's own and those one follows, newest first.")
      )
      .asking(RequestParameter.newestPage),
    Route(.post, "api/tweets/", speech, .caller, [content, replyTo], handle: post)
      .documented(
        "tweet", "Tweet",
        .created(tweet)
          .leading(to: "microblog_show_tweet", id)
          .leading(to: "microblog_delete_tweet", id)
          .leading(to: "microblog_replies", id)
          .leading(to: "microblog_like", id)
          .leading(to: "microblog_tweet", body: ["content": "content", "reply_to": "id"])),
    Route(.get, "api/tweets/<int:tweet_id>", speech, .caller, handle: show)
      .documented("show_tweet", "A tweet", .ok(tweet)),
    Route(.delete, "api/tweets/<int:tweet_id>", speech, .caller, handle: deleteTweet)
      .documented("delete_tweet", "Delete a tweet of one's own", .noContent()),
    Route(.get, "api/tweets/user/<int:profile_id>", speech, .caller, handle: listByAuthor)
      .documented("tweets_of", "Somebody's tweets", .ok(.array(tweet), "Newest first."))
      .asking(RequestParameter.newestPage),
    Route(.get, "api/tweets/<int:tweet_id>/replies", speech, .caller, handle: listReplies)
      .documented("replies", "What answers a tweet", .ok(.array(tweet), "Oldest first."))
      .asking(RequestParameter.page),
    Route(.put, "api/tweets/like/<int:tweet_id>", speech, .caller, handle: like)
      .documented("like", "Like a tweet, or no more", .ok(tweet)),
  ]

  private static let id: KeyValuePairs = ["tweet_id": "id"]

  private static let content = Field("content", .text(longest: longest)).about(
    "1 to \(Tweets.longest) characters.",
    .string(1...Tweets.longest, pattern: Schema.notBlank, example: "Good morning!"))
  private static let replyTo = Field("reply_to", .integer, isRequired: false).about(
    "The tweet that it answers.", .id)

  private static let tweet = Schema.component(
    "Tweet",
    [
      "id": .id, "profile": ["id": .id, "alias": .text.orNull, "username": .username],
      "content": .string(1...Tweets.longest, example: "Good morning!"), "created": .time,
      "reply_to": .id.orNull, "likes": .count, "liked": .boolean, "replies": .count,
    ])

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
    _ context: Context,
    _ fetch: (_ from: any Querying, _ before: Int64, _ limit: Int) async throws -> [Tweet]
  ) async throws -> Response {
    let page = try NewestPage(context.request)
    let isFirst = page.before == .max
    let database: any Querying =
      isFirst ? context.services.database : context.services.standby
    let found = try await fetch(database, page.before, page.limit + 1)
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
      try await Tweets($0).timeline(caller, before: $1, limit: $2)
    }
  }

  @Sendable private static func listByAuthor(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let author = try await context.followers.view(context.numbers[0], for: caller).profile.id
    return try await newest(context) {
      try await Tweets($0).page(by: author, for: caller, before: $1, limit: $2)
    }
  }

  @Sendable private static func listReplies(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let id = try await context.tweets.find(context.numbers[0], for: caller).id
    return try await context.list(
      ListSource(
        id: \.id, mayBeOld: true,
        fetch: { try await Tweets($0).replies(to: id, for: caller, after: $1, limit: $2) },
        write: write))
  }
}

extension Context {
  var tweets: Tweets { Tweets(services.database) }
}
