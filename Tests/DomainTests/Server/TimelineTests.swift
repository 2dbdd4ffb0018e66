import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct TimelineTests {
    private static func caller(_ home: Home, _ name: String) async throws -> Caller {
      let user = try await home.makeUser(name)
      let origin = Origin(dialect: .microblog, address: nil, userAgent: nil)
      let token = try await home.signIn.open(user, from: origin, kinds: [.opaque]).text(.opaque)
      return try await home.authenticator.caller(.opaque(token))
    }

    /// However following and posting fall together, nothing of those one follows is missing.
    @Test func nothingSlipsBetweenFollowingAndPosting() async throws {
      try await Home.open { home in
        let reader = try await Self.caller(home, "reader")
        for round in 0..<15 {
          let author = try await Self.caller(home, "author\(round)")
          async let posted: Void = {
            for index in 0..<6 {
              try await home.database.transaction {
                _ = try await Tweets($0).post(author, "\(round) \(index)", replyTo: nil)
              }
            }
          }()
          async let follows = home.database.transaction {
            try await Followers($0).toggle(author.account, reader)
          }
          _ = try await (posted, follows)
        }
        let missing = try await home.number(
          """
          SELECT count(*) FROM tweet t JOIN follow f ON f.followed = t.author
          WHERE NOT EXISTS (
            SELECT FROM timeline l WHERE l.account = f.follower AND l.tweet = t.id)
          """)
        #expect(missing == 0)
        #expect(try await home.number("SELECT count(*) FROM tweet") == 90)
      }
    }

    @Test func countersAreWhatTheyCount() async throws {
      try await Home.open { home in
        var people: [Caller] = []
        for name in ["a", "b", "c", "d"] { people.append(try await Self.caller(home, name)) }
        let callers = people
        let tweet = try await Tweets(home.database).post(callers[0], "first", replyTo: nil)
        // Everybody follows everybody, likes and replies at once, again and again.
        try await withThrowingTaskGroup(of: Void.self) { group in
          for me in callers {
            for other in callers where other.account != me.account {
              group.addTask(executorPreference: home.database.loop) {
                for _ in 0..<5 {
                  _ = try await home.database.transaction {
                    try await Followers($0).toggle(other.account, me)
                  }
                  _ = try await home.database.transaction {
                    try await Tweets($0).toggleLike(tweet.id, me)
                  }
                }
                _ = try await Tweets(home.database).post(me, "re", replyTo: tweet.id)
              }
            }
          }
          try await group.waitForAll()
        }
        let wrong = try await home.number(
          """
          SELECT (SELECT count(*) FROM profile f
              WHERE followers <> (SELECT count(*) FROM follow WHERE followed = f.account)
                OR following <> (SELECT count(*) FROM follow WHERE follower = f.account))
            + (SELECT count(*) FROM tweet t
              WHERE likes <> (SELECT count(*) FROM tweet_like WHERE tweet = t.id)
                OR replies <> (SELECT count(*) FROM tweet WHERE reply_to = t.id))
          """)
        #expect(wrong == 0)
        #expect(try await home.number("SELECT replies FROM tweet WHERE id = \(tweet.id)") == 12)
        _ = try await home.users.purge(try await home.users.find("b"))
        #expect(try await home.number("SELECT max(followers) FROM profile") == 2)
        #expect(
          try await home.number(
            "SELECT count(*) FROM timeline l WHERE NOT EXISTS (SELECT FROM tweet WHERE id = tweet)"
          ) == 0)
      }
    }
  }
}
