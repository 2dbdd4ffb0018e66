import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct SignInTests {
    private static func computations(_ home: Home) -> Int {
      home.tools.hasher.computations.load(ordering: .relaxed)
    }

    @Test func aSessionWithACredentialOfEachKind() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("Ann")
        let success = try await home.signIn(" ANN ", CredentialKind.allCases)
        #expect(success.credentials.map(\.kind) == CredentialKind.allCases)
        #expect(success.text(.opaque).wholeMatch(of: /[0-9a-f]{40}/) != nil)
        #expect(success.text(.sessionToken).wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(
          try await home.texts(
            "SELECT dialect || ' ' || host(address) || ' ' || user_agent FROM session")
            == ["trainer 192.0.2.7 test/1 (x)"])
        #expect(
          try await home.number("SELECT count(*) FROM account WHERE last_login > created") == 1)
        // Only the hash of each is kept.
        let kept = try await home.texts("SELECT encode(hash, 'hex') FROM credential").sorted()
        #expect(kept == success.credentials.map { Secrets.sha256($0.text).hex }.sorted())
        #expect(try await home.events().last == "sign-in Ann")
      }
    }

    @Test func eachSignInMakesANewSession() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let sessions = Set([
          try await home.signIn("ann").session, try await home.signIn("ann").session,
        ])
        #expect(sessions.count == 2)
      }
    }

    /// Neither the answer nor the work tells whether there is such an account.
    @Test func everyFailureLooksTheSame() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        _ = try await home.users.create(NewUser(username: "no password"))
        let gone = try await home.makeUser("gone")
        _ = try await home.users.delete(gone)
        var refusals: [Refusal?] = []
        var work: [Int] = []
        for (name, password) in [
          ("ann", Password("wrong password")), ("nobody", Home.password),
          ("no password", Home.password), ("gone", Home.password), ("", Home.password),
        ] {
          let before = Self.computations(home)
          refusals.append(await refusal { try await home.signIn(name, password: password) })
          work.append(Self.computations(home) - before)
        }
        let wrong = Refusal.unauthenticated("No active account found with the given credentials")
        #expect(refusals == Array(repeating: wrong, count: 5))
        #expect(work == [1, 1, 1, 1, 1])
        #expect(try await home.number("SELECT count(*) FROM session") == 0)
        #expect(
          try await home.number("SELECT count(*) FROM audit WHERE what = 'sign-in-failed'") == 5)
      }
    }

    @Test func onlyTheOwnerLearnsThatAnAccountIsLocked() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        _ = try await home.users.lock(ann, reason: nil, until: nil)
        let owner = await refusal { try await home.signIn("ann") }
        #expect(owner?.message.contains("locked") == true)
        let stranger = await refusal {
          try await home.signIn("ann", password: Password("wrong password"))
        }
        #expect(stranger?.message.contains("locked") == false)
        _ = try await home.users.unlock(ann)
        _ = try await home.signIn("ann")
      }
    }

    @Test func otherParametersAreTakenOverAtTheNextSignIn() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        var dearer = PasswordParameters.cheap
        dearer.iterations = 2
        let old = try #require(PasswordHash.make(Home.password.bytes, dearer))
        try await home.users.setPassword(of: ann, to: old)
        let stored = "SELECT split_part(password_hash, '$', 4) FROM account"
        await #expect(throws: Refusal.self) {
          try await home.signIn("ann", password: Password("wrong password"))
        }
        #expect(try await home.texts(stored) == ["m=8,t=2,p=1"])
        _ = try await home.signIn("ann")
        #expect(try await home.texts(stored) == ["m=8,t=1,p=1"])
        let before = Self.computations(home)
        _ = try await home.signIn("ann")
        #expect(Self.computations(home) == before + 1, "nothing is hashed again")
      }
    }

    @Test func aBusyHasherTurnsAway() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        let tools = SignIn.Tools(
          hasher: try PasswordHasher(parameters: .cheap, threads: 1, limit: 0),
          keys: SigningKeys(), lifetimes: Lifetimes())
        let origin = Origin(dialect: .trainer, address: nil, userAgent: nil)
        let found = await refusal {
          try await SignIn(home.database, tools: tools, actor: home.actor).signIn(
            SignIn.Proof(username: "ann", password: Home.password, code: nil), from: origin,
            kinds: [.access])
        }
        #expect(found == .busy(retryAfter: 1))
      }
    }
  }
}
