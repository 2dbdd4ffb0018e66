import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct SessionsTests {
    /// Sessions with ids that begin as wanted.
    private static func add(_ ids: [String], _ home: Home) async throws {
      for id in ids {
        try await home.execute(
          """
          INSERT INTO session (id, account, dialect, expires)
          SELECT '\(id)', id, 'cli', now() + interval '1 day' FROM account LIMIT 1
          """)
      }
    }

    private static let ids = [
      "aaaabbbb-0000-4000-8000-000000000001", "aaaacccc-0000-4000-8000-000000000002",
      "ffffffff-ffff-4fff-bfff-ffffffffffff",
    ]

    @Test func aBeginningIsEnough() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        try await Self.add(Self.ids, home)
        for (beginning, index) in [
          ("aaaab", 0), ("AAAABBBB", 0), ("aaaabbbb-0000", 0), (Self.ids[1], 1), ("ffff", 2),
          ("ffffffffffff4fffbfffffffffffffff", 2),
        ] {
          let found = try await home.sessions.find(beginning, .session)
          #expect(found.description == Self.ids[index])
        }
        let several = await refusal { try await home.sessions.find("aaaa", .session) }
        #expect(several?.message.contains("Several sessions begin with “aaaa”.") == true)
        for wrong in ["aaa", "", "bbbb", "gggg", "aaaab'--", Self.ids[0] + "0"] {
          let found = await refusal { try await home.sessions.find(wrong, .session) }
          guard case .notFound? = found else {
            Issue.record("\(wrong)")
            continue
          }
        }
        #expect(await refusal { try await home.sessions.find("aaaab", .token) } != nil)
      }
    }

    @Test func revokingTellsWhatItRevoked() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let (one, two) = (try await home.signIn("ann"), try await home.signIn("ann"))
        let ids = [one.session, .random()]
        #expect(try await home.sessions.revoke(ids, .session) == [one.session])
        #expect(try await home.sessions.revoke(ids, .session) == [])
        #expect(try await home.events().last == "session-revoke ann")
        #expect(
          await refusal { try await home.authenticator.caller(.access(one.text(.access))) } != nil)
        // A token goes alone.
        let access = try #require(two.credentials.first { $0.kind == .access })
        #expect(try await home.sessions.revoke([access.id], .token) == [access.id])
        #expect(await refusal { try await home.authenticator.caller(.access(access.text)) } != nil)
        _ = try await home.refresh.exchange(two.text(.refresh))
      }
    }

    @Test func signingOutEndsOneSession() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let (one, two) = (try await home.signIn("ann"), try await home.signIn("ann"))
        try await home.sessions.signOut(
          try await home.authenticator.caller(.access(one.text(.access))))
        #expect(
          await refusal { try await home.authenticator.caller(.access(one.text(.access))) } != nil)
        let keys = home.tools.keys
        for token in [one.text(.refresh), two.text(.access), "nonsense"] {
          let found = await refusal {
            try await home.sessions.signOut(refreshToken: token, keys: keys)
          }
          #expect(found == Authenticator.rejected)
        }
        try await home.sessions.signOut(refreshToken: two.text(.refresh), keys: keys)
        #expect(
          try await home.number("SELECT count(*) FROM session WHERE revoked IS NULL") == 0)
      }
    }

    @Test func pruningTakesTheDeadInBatches() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        for _ in 0..<6 { _ = try await home.signIn("ann") }
        let ids = try await home.texts("SELECT id::text FROM session ORDER BY created")
        try await home.execute(
          "UPDATE session SET expires = now() - interval '2 days' WHERE id IN ('\(ids[0])','\(ids[1])')"
        )
        try await home.execute(
          "UPDATE session SET revoked = now() - interval '2 days' WHERE id IN ('\(ids[2])')")
        try await home.execute("UPDATE session SET revoked = now() WHERE id = '\(ids[3])'")
        let before = Timestamp.now + .seconds(-86_400)
        #expect(try await home.sessions.countPrunable(.session, before: before) == 3)
        #expect(try await home.sessions.prune(.session, before: before, batch: 2) == 2)
        #expect(try await home.sessions.prune(.session, before: before, batch: 2) == 1)
        #expect(try await home.sessions.prune(.session, before: before, batch: 2) == 0)
        #expect(
          try await home.texts("SELECT id::text FROM session ORDER BY created") == Array(ids[3...]))
        #expect(try await home.number("SELECT count(*) FROM credential") == 6)
      }
    }

    @Test func anIssuedTokenIsGoodAsLongAsItWasAskedFor() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        let token = try await home.sessions.issue(
          .opaque, to: ann, lifetime: .seconds(60), keys: home.tools.keys,
          lifetimes: home.tools.lifetimes)
        #expect(try await home.authenticator.caller(.opaque(token.text)).dialect == "cli")
        #expect(
          try await home.number(
            "SELECT count(*) FROM credential WHERE expires = created + interval '60 seconds'") == 1)
      }
    }

    @Test func selectionsNarrow() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        _ = try await home.makeUser("bob")
        for name in ["ann", "ann", "bob"] { _ = try await home.signIn(name) }
        try await home.execute("UPDATE session SET revoked = now() WHERE account = \(ann.id)")
        func count(_ change: (inout Sessions.Selection) -> Void) async throws -> Int {
          var selection = Sessions.Selection()
          change(&selection)
          var request = ListRequest()
          request.conditions = selection.conditions(forTokens: false)
          let query = try Sessions.listing.query(request)
          let bound = BoundStatement(
            statement: .once(query.sql, .reads), parameters: query.parameters)
          return try await home.database.query(bound).count
        }
        #expect(try await count { _ in } == 1)
        #expect(try await count { $0.includesDead = true } == 3)
        #expect(try await count { $0.account = ann.id } == 0)
        #expect(
          try await count {
            $0.account = ann.id
            $0.includesDead = true
          } == 2)
        #expect(try await count { $0.dialect = "havoc" } == 0)
        #expect(try await count { $0.address = "192.0.2.0/24" } == 1)
        #expect(try await count { $0.address = "198.51.100.0/24" } == 0)
        #expect(try await count { $0.idleSince = .now + .seconds(60) } == 1)
        #expect(try await count { $0.before = .now + .seconds(-60) } == 0)
        #expect(try await count { $0.expiredOnly = true } == 0)
      }
    }
  }
}
