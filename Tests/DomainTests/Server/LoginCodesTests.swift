import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct LoginCodesTests {
    private func makeAnn(_ home: Home) async throws -> User {
      try await home.makeUser("ann", email: "ann@example.org", twoFactor: true)
    }

    @Test func aCodeIsGoodOnce() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        #expect(code.wholeMatch(of: /[0-9]{6}/) != nil)
        _ = try await home.signIn("ann", code: " \(code) ")
        let again = await refusal { try await home.signIn("ann", code: code) }
        #expect(again?.message == "No active account found with the given credentials")
      }
    }

    @Test func withoutACodeNothingIsCounted() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        for missing in [nil, "", " "] {
          let found = await refusal { try await home.signIn("ann", code: missing) }
          guard case .incomplete(let error)? = found else {
            Issue.record("\(String(describing: found))")
            continue
          }
          #expect(error.field == "code")
        }
        #expect(try await home.number("SELECT count(*) FROM attempt") == 0)
        #expect(try await home.number("SELECT tries FROM login_code") == 0)
        _ = try await home.signIn("ann", code: code)
      }
    }

    @Test func fiveWrongTriesKillIt() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        let wrong = code == "000000" ? "000001" : "000000"
        for _ in 0..<5 { _ = await refusal { try await home.signIn("ann", code: wrong) } }
        _ = await refusal { try await home.signIn("ann", code: code) }
        #expect(try await home.number("SELECT count(*) FROM session") == 0)
        #expect(
          try await home.number("SELECT count(*) FROM attempt WHERE subject = 'account:ann'") == 6)
      }
    }

    @Test func itExpires() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        try await home.execute("UPDATE login_code SET expires = now()")
        #expect(try await home.codes.take(code, of: ann.id) == false)
      }
    }

    @Test func aNewOneReplacesTheOld() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let old = try await home.codes.make(for: ann.id)
        var new = try await home.codes.make(for: ann.id)
        while new == old { new = try await home.codes.make(for: ann.id) }
        #expect(try await home.codes.take(old, of: ann.id) == false)
        #expect(try await home.codes.take(new, of: ann.id))
      }
    }

    @Test func ofTwoAtOnceOneGetsIn() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        async let first = home.codes.take(code, of: ann.id)
        async let second = home.codes.take(code, of: ann.id)
        let both = [try await first, try await second]
        #expect(both.count { $0 } == 1)
      }
    }

    @Test func codesSurviveARotationOfTheKey() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        let code = try await home.codes.make(for: ann.id)
        _ = try await home.tools.keys.rotate(
          home.database, lifetimes: home.tools.lifetimes, actor: home.actor)
        try await home.tools.keys.load(home.database)
        #expect(try await home.codes.take(code, of: ann.id))
      }
    }

    @Test(arguments: [
      ("ann", "ann@example.org", 1), (" ANN", "Ann@Example.ORG ", 1), ("ann", "x@example.org", 0),
      ("nobody", "ann@example.org", 0), ("plain", "plain@example.org", 0),
    ])
    func onlyWhoHasASecondFactorAndThatAddressIsMailed(
      name: String, email: String, mails: Int
    ) async throws {
      try await Home.open { home in
        _ = try await makeAnn(home)
        _ = try await home.makeUser("plain", email: "plain@example.org")
        try await home.codes.request(username: name, email: email)
        try await home.codes.request(username: name, email: email)
        #expect(try await home.number("SELECT count(*) FROM mail") == mails)
      }
    }

    @Test func thereIsOneMailAMinute() async throws {
      try await Home.open { home in
        let ann = try await makeAnn(home)
        _ = try await home.codes.make(for: ann.id)
        try await home.codes.request(username: "ann", email: "ann@example.org")
        #expect(try await home.number("SELECT count(*) FROM mail") == 0)
        try await home.execute("UPDATE login_code SET created = created - interval '1 minute'")
        try await home.codes.request(username: "ann", email: "ann@example.org")
        #expect(try await home.number("SELECT count(*) FROM mail") == 1)
      }
    }
  }
}
