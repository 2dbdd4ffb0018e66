import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct AttemptsTests {
    private static let wrong = Password("wrong password")

    private func failTimes(_ count: Int, _ home: Home, _ name: String, _ address: String?) async {
      for _ in 0..<count {
        _ = await refusal { try await home.signIn(name, password: Self.wrong, address: address) }
      }
    }

    private func isTooMany(_ refusal: Refusal?) -> Bool {
      if case .tooMany(let seconds)? = refusal { return (1...900).contains(seconds) }
      return false
    }

    @Test func theRightPasswordIsRefusedAtTheLimitFromAnyAddress() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        await failTimes(9, home, "ANN", "192.0.2.1")
        _ = try await home.signIn("ann", address: "198.51.100.1")
        await failTimes(1, home, "ann", "192.0.2.2")
        let work = home.tools.hasher.computations.load(ordering: .relaxed)
        for address in ["192.0.2.1", "198.51.100.1", nil] {
          #expect(isTooMany(await refusal { try await home.signIn("ann", address: address) }))
        }
        #expect(home.tools.hasher.computations.load(ordering: .relaxed) == work)
        // It is over with the window.
        try await home.execute("UPDATE attempt SET at = at - interval '15 minutes'")
        _ = try await home.signIn("ann")
      }
    }

    @Test func anAddressIsLimitedOverAllNames() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        for number in 0..<10 { await failTimes(1, home, "nobody\(number)", "192.0.2.1") }
        #expect(isTooMany(await refusal { try await home.signIn("ann", address: "192.0.2.1") }))
        _ = try await home.signIn("ann", address: "192.0.2.2")
      }
    }

    @Test func aSlash64IsOneAddress() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        for number in 1...10 { await failTimes(1, home, "x\(number)", "2001:db8::\(number)") }
        #expect(isTooMany(await refusal { try await home.signIn("ann", address: "2001:db8::ff") }))
        _ = try await home.signIn("ann", address: "2001:db8:0:1::1")
      }
    }

    /// An unknown name runs into the same limit, so the limit tells nothing.
    @Test func unknownNamesAreCountedAlike() async throws {
      try await Home.open { home in
        await failTimes(10, home, "nobody", nil)
        #expect(isTooMany(await refusal { try await home.signIn("nobody", address: nil) }))
      }
    }

    @Test func guessesAtTheSameTimeGainNothing() async throws {
      try await Home.open { home in
        _ = try await home.makeUser("ann")
        // They all pass the first look; the right one comes last.
        let refusals = await withTaskGroup(of: Refusal?.self) { group in
          for number in 0..<30 {
            group.addTask {
              do {
                _ = try await home.signIn(
                  "ann", password: number == 29 ? Home.password : Self.wrong)
                return nil
              } catch {
                return error as? Refusal
              }
            }
          }
          return await group.reduce(into: [Refusal?]()) { $0.append($1) }
        }
        #expect(refusals.allSatisfy { $0 != nil })
        #expect(try await home.number("SELECT count(*) FROM session") == 0)
      }
    }

    @Test func takingCountsEachAndStopsAtTheLimit() async throws {
      try await Home.open { home in
        let subjects = Attempts.subjects(username: " Ann ", address: "192.0.2.1")
        #expect(subjects == ["account:ann", "address:192.0.2.1"])
        for _ in 0..<10 { try await home.attempts.take(.signUp, subjects) }
        #expect(isTooMany(await refusal { try await home.attempts.take(.signUp, subjects) }))
        #expect(try await home.number("SELECT count(*) FROM attempt") == 20)
        // Other things are counted by themselves.
        try await home.attempts.take(.sendCode, subjects)
      }
    }

    @Test func zeroIsNoLimit() async throws {
      try await Home.open { home in
        var limits = Attempts.Limits()
        limits.count = 0
        let attempts = Attempts(home.database, limits: limits)
        for _ in 0..<20 { try await attempts.take(.signUp, ["account:x"]) }
        #expect(try await home.number("SELECT count(*) FROM attempt") == 0)
      }
    }

    @Test func whatIsOlderThanTheWindowIsForgotten() async throws {
      try await Home.open { home in
        try await home.attempts.take(.signUp, ["account:old"])
        try await home.execute("UPDATE attempt SET at = at - interval '16 minutes'")
        try await home.attempts.take(.signUp, ["account:new"])
        try await Housekeeping(home.database, limits: home.tools.limits, retention: .seconds(3_600))
          .run()
        #expect(try await home.texts("SELECT subject FROM attempt") == ["account:new"])
      }
    }
  }
}
