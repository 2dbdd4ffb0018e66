import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct UserImportTests {
    private typealias Counts = ImportCounts

    /// What the faults were, a text each.
    private struct Faulty: Error { let faults: [String] }

    private static func user(
      _ line: Int, _ name: String, email: String? = nil, password: String? = nil
    ) throws -> ImportedUser {
      var user = try ImportedUser(line: line, username: name)
      if let email { try user.set(email: email) }
      if let password { user.set(password: Password(password)) }
      return user
    }

    private static func take(
      _ users: [ImportedUser], _ home: Home, leavesOut: Bool = false
    ) async throws -> Counts {
      try await home.database.transaction { transaction in
        var rest = users[...]
        return try await UserImport(
          transaction, beside: home.database, hasher: home.tools.hasher, actor: home.actor
        ).run(next: { rest.popFirst() }) { faults in
          guard !leavesOut else { return }
          throw Faulty(faults: faults.map { "\($0.line) \($0.field): \($0.message)" })
        }
      }
    }

    private static func faults(_ users: [ImportedUser], _ home: Home) async throws -> [String] {
      do {
        _ = try await take(users, home)
        return []
      } catch let faulty as Faulty {
        return faulty.faults
      }
    }

    @Test func newChangedAndTheSameAreCounted() async throws {
      try await Home.open { home in
        var users = [
          try Self.user(2, "ann", email: "ann@example.org"), try Self.user(3, "bob"),
        ]
        #expect(try await Self.take(users, home) == Counts(added: 2, changed: 0, unchanged: 0))
        #expect(try await Self.take(users, home) == Counts(added: 0, changed: 0, unchanged: 2))
        try users[1].set(firstName: "Bob")
        users.append(try Self.user(4, "ANN"))
        users.remove(at: 0)
        #expect(try await Self.take(users, home) == Counts(added: 0, changed: 2, unchanged: 0))
        let ann = try await home.users.find("ann")
        #expect(ann.username == "ANN" && ann.email == "ann@example.org", "what isn't told stays")
        #expect(try await home.number("SELECT count(*) FROM profile") == 2)
        #expect(try await home.events() == ["user-import -", "user-import -"])
      }
    }

    @Test func whatClashesIsNamedByItsLine() async throws {
      try await Home.open { home in
        _ = try await home.users.create(NewUser(username: "old"))
        let taken = try Self.user(2, "mail", email: "m@example.org")
        _ = try await Self.take([taken], home)
        _ = try await home.users.delete(try await home.users.find("old"))
        let users = [
          try Self.user(2, "ann", email: "a@example.org"), try Self.user(3, "Ann"),
          try Self.user(4, "bob", email: "A@example.org"), try Self.user(5, "old"),
          try Self.user(6, "cy", email: "m@example.org"),
        ]
        #expect(
          try await Self.faults(users, home) == [
            "3 username: This username stands in line 2 already.",
            "4 email: This address stands in line 2 already.",
            "5 username: This account was deleted: restore it first.",
            "6 email: The account “mail” has this address.",
          ])
        #expect(try await home.number("SELECT count(*) FROM account") == 2, "nothing was kept")
        let counts = try await Self.take(users, home, leavesOut: true)
        #expect(counts == Counts(added: 1, changed: 0, unchanged: 0))
      }
    }

    @Test func addressesMayBeExchanged() async throws {
      try await Home.open { home in
        let first = [
          try Self.user(2, "ann", email: "a@example.org"),
          try Self.user(3, "bob", email: "b@example.org"),
        ]
        _ = try await Self.take(first, home)
        let second = [
          try Self.user(2, "ann", email: "b@example.org"),
          try Self.user(3, "bob", email: "a@example.org"),
        ]
        #expect(try await Self.take(second, home) == Counts(added: 0, changed: 2, unchanged: 0))
        #expect(try await home.users.find("b@example.org").username == "ann")
      }
    }

    @Test func aPasswordThatIsTheSameEndsNoSession() async throws {
      try await Home.open { home in
        let user = try Self.user(2, "ann", password: "sesame-Street-9")
        _ = try await Self.take([user], home)
        let proof = try await home.users.find("ann")
        try await home.execute(
          """
          INSERT INTO session (id, account, dialect, expires)
          VALUES (gen_random_uuid(), \(proof.id), 'havoc', now() + interval '1 day')
          """)
        #expect(try await Self.take([user], home) == Counts(added: 0, changed: 0, unchanged: 1))
        let live = "SELECT count(*) FROM session WHERE revoked IS NULL"
        #expect(try await home.number(live) == 1)
        let other = try Self.user(2, "ann", password: "open-Sesame-10")
        #expect(try await Self.take([other], home) == Counts(added: 0, changed: 1, unchanged: 0))
        #expect(try await home.number(live) == 0)
      }
    }
  }

  @Suite struct RetentionTests {
    @Test func onlyWhatWasDeletedLongAgoIsPurged() async throws {
      try await Home.open { home in
        for name in ["old", "new", "here"] {
          let user = try await home.users.create(NewUser(username: name))
          if name != "here" { _ = try await home.users.delete(user) }
        }
        try await home.execute(
          "UPDATE account SET deleted = deleted - interval '31 days' WHERE username = 'old'")
        let house = Housekeeping(
          home.database, limits: home.tools.limits, retention: .seconds(30 * 86_400))
        try await house.run()
        try await house.run()
        #expect(
          try await home.texts("SELECT username FROM account ORDER BY id") == ["new", "here"])
        #expect(try await home.number("SELECT count(*) FROM audit WHERE actor = 'server'") == 1)
      }
    }
  }
}
