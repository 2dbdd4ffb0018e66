import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct RefreshTests {
    /// Sets every exchange back in time, past the grace.
    private static func letTheGracePass(_ home: Home) async throws {
      try await home.execute("UPDATE credential SET spent = spent - interval '11 seconds'")
    }

    /// However long what follows takes.
    private static func letTheGraceLast(_ home: Home) async throws {
      try await home.execute("UPDATE credential SET spent = spent + interval '1 hour'")
    }

    private static func isRevoked(_ home: Home) async throws -> Bool {
      try await home.number("SELECT count(*) FROM session WHERE revoked IS NOT NULL") == 1
    }

    @Test func aNewPairForAnOld() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("Ann")
        let made = try await home.signIn("Ann")
        let pair = try await home.refresh.exchange(made.text(.refresh))
        #expect(pair.username == "Ann")
        #expect(
          Set([pair.access, pair.refresh, made.text(.access), made.text(.refresh)]).count == 4)
        let caller = try await home.authenticator.caller(.access(pair.access))
        #expect(caller.session == made.session)
        let next = try await home.refresh.exchange(pair.refresh)
        _ = try await home.authenticator.caller(.access(next.access))
        #expect(try await home.number("SELECT count(*) FROM session") == 1)
      }
    }

    @Test func aRepetitionWithinTheGraceGetsTheSamePair() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.refresh)
        let first = try await home.refresh.exchange(token)
        try await Self.letTheGraceLast(home)
        for _ in 0..<3 {
          let again = try await home.refresh.exchange(token)
          #expect(again.access == first.access && again.refresh == first.refresh)
        }
        #expect(try await home.number("SELECT count(*) FROM credential") == 4)
        #expect(try await !Self.isRevoked(home))
      }
    }

    /// The refusal must not undo the revocation.
    @Test func aReuseAfterTheGraceEndsTheSessionThoughItIsRefused() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.refresh)
        let pair = try await home.refresh.exchange(token)
        try await Self.letTheGracePass(home)
        #expect(await refusal { try await home.refresh.exchange(token) } == Authenticator.rejected)
        #expect(try await Self.isRevoked(home))
        #expect(try await home.events().contains("token-reuse ann"))
        for credential in [PresentedCredential.access(pair.access)] {
          #expect(await refusal { try await home.authenticator.caller(credential) } != nil)
        }
        #expect(await refusal { try await home.refresh.exchange(pair.refresh) } != nil)
      }
    }

    @Test func ofManyAtOnceAllGetOnePair() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.refresh)
        let pairs = try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 0..<20 {
            group.addTask {
              let pair = try await home.refresh.exchange(token)
              return pair.access + pair.refresh
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(pairs.count == 20 && Set(pairs).count == 1)
        #expect(try await home.number("SELECT count(*) FROM credential") == 4)
        #expect(try await !Self.isRevoked(home))
      }
    }

    /// The pair is signed again with the key that signed it first.
    @Test func aRotationInBetweenChangesNothing() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.refresh)
        let first = try await home.refresh.exchange(token)
        try await Self.letTheGraceLast(home)
        _ = try await home.tools.keys.rotate(
          home.database, lifetimes: home.tools.lifetimes, actor: home.actor)
        _ = try await home.tools.keys.load(home.database)
        let again = try await home.refresh.exchange(token)
        #expect(again.access == first.access && again.refresh == first.refresh)
      }
    }

    private static let ends: [String] = [
      "UPDATE session SET revoked = now()", "UPDATE session SET expires = now()",
      "UPDATE credential SET revoked = now()", "UPDATE credential SET expires = now()",
      "UPDATE account SET deleted = now()", "UPDATE account SET locked = now()",
      "DELETE FROM credential",
    ]

    @Test(arguments: ends)
    func whatDoesNotStandIsNotExchanged(sql: String) async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.refresh)
        try await home.execute(sql)
        #expect(await refusal { try await home.refresh.exchange(token) } == Authenticator.rejected)
        #expect(
          try await home.number("SELECT count(*) FROM credential WHERE kind = 'access'") < 2)
      }
    }

    @Test func onlyARefreshTokenIsExchanged() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let made = try await home.signIn("ann", CredentialKind.allCases)
        for kind in CredentialKind.allCases where kind != .refresh {
          let found = await refusal { try await home.refresh.exchange(made.text(kind)) }
          #expect(found == Authenticator.rejected, "\(kind)")
        }
        #expect(try await !Self.isRevoked(home))
      }
    }
  }
}
