import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct AuthenticatorTests {
    @Test func eachSchemeFindsItsCaller() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("Ann", permission: 3)
        let made = try await home.signIn("Ann", CredentialKind.allCases)
        let presented: [PresentedCredential] = [
          .access(made.text(.access)), .opaque(made.text(.opaque)),
          .sessionToken(made.text(.sessionToken), username: "Ann"),
          .sessionToken(made.text(.sessionToken), username: " ANN "),
        ]
        for credential in presented {
          let caller = try await home.authenticator.caller(credential)
          #expect(caller.account == ann.id && caller.session == made.session)
          #expect(caller.permission.isAdmin && caller.dialect == "trainer")
        }
      }
    }

    @Test func noKindPassesForAnother() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        _ = try await home.makeUser("bob")
        let made = try await home.signIn("ann", CredentialKind.allCases)
        let opaque = made.text(.opaque)
        let presented: [PresentedCredential] = [
          .access(made.text(.refresh)), .access(opaque), .access(made.text(.sessionToken)),
          .opaque(made.text(.access)), .opaque(made.text(.web)), .opaque(made.text(.sessionToken)),
          .opaque(String(opaque.dropLast())), .opaque(opaque.uppercased()), .opaque(""),
          .sessionToken(made.text(.web), username: "ann"),
          .sessionToken(opaque, username: "ann"), .sessionToken("", username: "ann"),
          .sessionToken(made.text(.sessionToken), username: "bob"),
          .sessionToken(made.text(.sessionToken), username: ""),
        ]
        var accepted: [PresentedCredential] = []
        for credential in presented {
          do {
            _ = try await home.authenticator.caller(credential)
            accepted.append(credential)
          } catch {
            #expect(error as? Refusal == Authenticator.rejected)
          }
        }
        #expect(accepted == [])
      }
    }

    private static let ends: [String] = [
      "UPDATE session SET revoked = now()", "UPDATE session SET expires = now()",
      "UPDATE credential SET revoked = now()", "UPDATE credential SET expires = now()",
      "UPDATE credential SET spent = now()", "UPDATE account SET deleted = now()",
      "UPDATE account SET locked = now()", "DELETE FROM session", "DELETE FROM account",
      "UPDATE account SET locked = now(), locked_until = now() + interval '1 hour'",
    ]

    @Test(arguments: ends)
    func whatEndsItEndsItAtOnce(sql: String) async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let made = try await home.signIn("ann", [.access, .opaque, .sessionToken])
        let presented: [PresentedCredential] = [
          .access(made.text(.access)), .opaque(made.text(.opaque)),
          .sessionToken(made.text(.sessionToken), username: "ann"),
        ]
        for credential in presented { _ = try await home.authenticator.caller(credential) }
        try await home.execute(sql)
        for credential in presented {
          let found = await refusal { try await home.authenticator.caller(credential) }
          #expect(found == Authenticator.rejected)
        }
      }
    }

    private static func numbers(_ rows: Rows) throws -> [Int] {
      try rows.compactMap { row in
        var cells = row.cellsBehindCaller()
        return try cells?.decode(Int.self)
      }
    }

    @Test func aStatementComesWithItsCallerAndWithoutOneNot() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.access)
        let statement = Statement.withCaller(
          "SELECT n FROM generate_series(1, $2::integer) n", columns: "q.n")
        for count in [0, 1, 3] {
          let (caller, rows) = try await home.authenticator.caller(
            .access(token), with: statement, parameters: [.int(count)])
          #expect(caller.username == "ann")
          let numbers = try Self.numbers(rows)
          #expect(numbers == Array(1..<count + 1))
        }
        try await home.execute("UPDATE session SET revoked = now()")
        let found = await refusal {
          try await home.authenticator.caller(
            .access(token), with: statement, parameters: [.int(1)])
        }
        #expect(found == Authenticator.rejected)
      }
    }
  }

  @Suite struct SigningKeysTests {
    @Test func theFirstKeyIsMadeOnce() async throws {
      try await Home.open { home in
        let kids = try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 0..<8 {
            group.addTask { try await SigningKeys().keyRing(home.database).current.kid }
          }
          return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(kids.count == 1)
        #expect(try await home.number("SELECT count(*) FROM signing_key") == 1)
      }
    }

    @Test func afterARotationOldTokensStillVerify() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let old = try await home.signIn("ann").text(.access)
        let before = try #require(home.tools.keys.known).current.kid
        let kid = try await home.tools.keys.rotate(
          home.database, lifetimes: home.tools.lifetimes, actor: home.actor)
        #expect(kid != before)
        _ = try await home.tools.keys.load(home.database)
        #expect(home.tools.keys.known?.current.kid == kid)
        let new = try await home.signIn("ann").text(.access)
        for token in [old, new] { _ = try await home.authenticator.caller(.access(token)) }
        #expect(try await home.events().contains("key-rotate \(kid)"))
        // Once the last token that it signed has expired, it is no key any more.
        try await home.execute("UPDATE signing_key SET retires = now() WHERE retires IS NOT NULL")
        _ = try await home.tools.keys.load(home.database)
        let found = await refusal { try await home.authenticator.caller(.access(old)) }
        #expect(found == Authenticator.rejected)
      }
    }

    @Test func aKeyThatIsNotKnownIsLookedForOnceASecond() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        _ = try await home.tools.keys.load(home.database)
        let others = SigningKeys()
        let kid = try await home.tools.keys.rotate(
          home.database, lifetimes: home.tools.lifetimes, actor: home.actor)
        let token = try await home.sessions.issue(
          .access, to: ann, lifetime: nil, keys: others, lifetimes: home.tools.lifetimes)
        #expect(home.tools.keys.known?.current.kid != kid)
        let asked = Loop.monotonicNanoseconds()
        _ = try await home.authenticator.caller(.access(token.text))
        #expect(home.tools.keys.known?.current.kid == kid)
        // Now a forged one: it makes no second load so soon.
        let later = try await home.tools.keys.reloadForUnknownKey(home.database, now: asked)
        #expect(later == nil)
      }
    }
  }
}
