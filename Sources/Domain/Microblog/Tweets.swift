import Postgres

/// A tweet as somebody sees it.
public struct Tweet: Sendable, RowDecodable {
  public let id: Int64
  public let author: Int64
  public let alias: String?
  public let username: String
  public let content: String
  public let created: Timestamp
  public let replyTo: Int64?
  public let likes: Int64
  /// Whether who asks likes it.
  public let isLiked: Bool
  public let replies: Int64

  /// What `init` reads, in its order, of `tweet t` with `authors`; `$1` is who asks.
  static let columns = """
    t.id, t.author, f.alias, a.username, t.body, t.created, t.reply_to, t.likes,
    EXISTS (SELECT FROM tweet_like k WHERE k.tweet = t.id AND k.account = $1::bigint), t.replies
    """
  /// A deleted account's tweets aren't shown.
  static let authors = """
    JOIN account a ON a.id = t.author AND a.deleted IS NULL JOIN profile f ON f.account = a.id
    """

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    author = try cells.next()
    alias = try cells.next()
    username = try cells.next()
    content = try cells.next()
    created = try cells.next()
    replyTo = try cells.next()
    likes = try cells.next()
    isLiked = try cells.next()
    replies = try cells.next()
  }
}

/// Tweets, their likes and replies, and who sees them.
public struct Tweets: Sendable {
  /// Unicode scalars.
  public static let longest = 280

  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// Writes a tweet into the timelines of all who follow its author, and of the author.
  /// - Throws: `.invalid`.
  public func post(_ caller: Caller, _ content: String, replyTo: Int64?) async throws -> Tweet {
    let text = content.trimmed
    guard (1...Self.longest).contains(text.unicodeScalars.count) else {
      throw Refusal.invalid([
        FieldError("content", "A tweet has 1 to \(Self.longest) characters.")
      ])
    }
    let rows: [Rows]
    do {
      rows = try await database.run([
        Self.lock(.int(caller.account)),
        Self.insert(.int(caller.account), .text(text), .int(replyTo)),
      ])
    } catch {
      guard error.constraint == "tweet_reply_to_fkey" else { throw People.missing(error) }
      throw Refusal.invalid([FieldError("reply_to", "There is no such tweet.")])
    }
    guard let row = rows[1].first else { throw People.gone }
    return try row.decode(Tweet.self)
  }

  private static let lock = Statement("SELECT author_lock($1)", .writes)
  private static let insert = Statement(
    """
    WITH t AS (
      INSERT INTO tweet (author, body, reply_to) VALUES ($1, $2, $3) RETURNING *
    ), seen AS (
      INSERT INTO timeline (account, tweet)
      SELECT w.follower, t.id FROM t JOIN follow w ON w.followed = t.author
      UNION ALL SELECT t.author, t.id FROM t
    ) SELECT \(Tweet.columns) FROM t \(Tweet.authors)
    """, .writes)

  /// - Throws: `.notFound`.
  public func find(_ id: Int64, for caller: Caller) async throws -> Tweet {
    let found = try await database.first(Tweet.self, Self.byID, .int(caller.account), .int(id))
    guard let found else { throw Self.unknown(id) }
    return found
  }

  private static func unknown(_ id: Int64) -> Refusal { .notFound("There is no tweet \(id).") }

  private static let byID = Statement(
    "SELECT \(Tweet.columns) FROM tweet t \(Tweet.authors) WHERE t.id = $2")

  /// Removes a tweet of the caller's own.
  /// - Throws: `.notFound`, `.forbidden`.
  public func delete(_ id: Int64, _ caller: Caller) async throws {
    let tweet = try await find(id, for: caller)
    guard tweet.author == caller.account else {
      throw Refusal.forbidden("This tweet isn't yours.")
    }
    try await database.query(Self.remove, .int(id))
  }

  private static let remove = Statement("DELETE FROM tweet WHERE id = $1", .writes)

  /// Likes a tweet, or likes it no more.
  /// - Throws: `.notFound`.
  public func toggleLike(_ id: Int64, _ caller: Caller) async throws -> Tweet {
    let rows = try await People.present { () throws(PostgresError) in
      try await database.run([
        Self.like(.int(caller.account), .int(id)), Self.byID(.int(caller.account), .int(id)),
      ])
    }
    guard let row = rows[1].first else { throw Self.unknown(id) }
    return try row.decode(Tweet.self)
  }

  private static let like = Statement("SELECT like_toggle($1, $2)", .writes)

  // MARK: Lists

  /// What those see who follow, newest first.
  /// - Parameter before: an id that is newer than all of them.
  public func timeline(_ caller: Caller, before: Int64, limit: Int) async throws -> [Tweet] {
    try await database.all(
      Tweet.self, Self.timeline, .int(caller.account), .int(before), .int(limit))
  }

  private static let timeline = Statement(
    """
    SELECT \(Tweet.columns) FROM timeline l JOIN tweet t ON t.id = l.tweet \(Tweet.authors)
    WHERE l.account = $1 AND l.tweet < $2 ORDER BY l.tweet DESC LIMIT $3
    """)

  /// Somebody's own, newest first.
  public func page(
    by author: Int64, for caller: Caller, before: Int64, limit: Int
  ) async throws -> [Tweet] {
    try await database.all(
      Tweet.self, Self.byAuthor, .int(caller.account), .int(author), .int(before), .int(limit))
  }

  private static let byAuthor = Statement(
    """
    SELECT \(Tweet.columns) FROM tweet t \(Tweet.authors)
    WHERE t.author = $2 AND t.id < $3 ORDER BY t.id DESC LIMIT $4
    """)

  /// What answers a tweet, oldest first.
  public func replies(
    to id: Int64, for caller: Caller, after: Int64, limit: Int
  ) async throws -> [Tweet] {
    try await database.all(
      Tweet.self, Self.replies, .int(caller.account), .int(id), .int(after), .int(limit))
  }

  private static let replies = Statement(
    """
    SELECT \(Tweet.columns) FROM tweet t \(Tweet.authors)
    WHERE t.reply_to = $2 AND t.id > $3 ORDER BY t.id LIMIT $4
    """)
}
