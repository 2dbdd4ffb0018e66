import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct BansTests {
    @Test func aBannedAccountIsForbiddenFromTheNextRequestOn() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.access)
        _ = try await home.bans.add(.account(ann), reason: "test", expires: nil)
        #expect(
          await refusal { try await home.authenticator.caller(.access(token)) }
            == Authenticator.banned)
        #expect(await refusal { try await home.signIn("ann") } == Authenticator.banned)
        let stranger = await refusal {
          try await home.signIn("ann", password: Password("wrong password"))
        }
        #expect(stranger != Authenticator.banned)
        #expect(try await home.bans.lift(.account(ann)))
        _ = try await home.authenticator.caller(.access(token))
        #expect(try await home.bans.lift(.account(ann)) == false)
      }
    }

    @Test func itEndsByItself() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        let token = try await home.signIn("ann").text(.access)
        _ = try await home.bans.add(
          .account(ann), reason: "", expires: .now + .seconds(60))
        _ = await refusal { try await home.authenticator.caller(.access(token)) }
        try await home.execute("UPDATE ban SET expires = now()")
        _ = try await home.authenticator.caller(.access(token))
      }
    }

    @Test func networksAreKeptInMemory() async throws {
      try await Home.open { home in
        let networks = BannedNetworks()
        let network = try #require(Network("192.0.2.0/24"))
        _ = try await home.bans.add(.network(network), reason: "", expires: nil)
        #expect(!networks.contain("192.0.2.9"))
        try await networks.load(home.database)
        #expect(networks.contain("192.0.2.9") && networks.contain("::ffff:192.0.2.9"))
        #expect(!networks.contain("192.0.3.9") && !networks.contain(nil))
        _ = try await home.bans.lift(.network(network))
        try await networks.load(home.database)
        #expect(!networks.contain("192.0.2.9"))
      }
    }

    @Test func saidTwiceItChangesNothing() async throws {
      try await Home.open { home in
        let target = Bans.Target.network(try #require(Network("2001:db8::/32")))
        let first = try await home.bans.add(target, reason: "r", expires: nil)
        let second = try await home.bans.add(target, reason: "r", expires: nil)
        #expect(first.changed && !second.changed && first.id == second.id)
        let third = try await home.bans.add(target, reason: "other", expires: nil)
        #expect(third.changed)
        #expect(try await home.number("SELECT count(*) FROM ban") == 1)
      }
    }
  }
}
