import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct UsersTests {
    @Test func anAccountIsMadeAndFoundByEachOfItsNames() async throws {
      try await Home.open { home in
        var new = NewUser(username: " Ann Lee ")
        new.email = "Ann@Example.com"
        new.firstName = "Ann"
        let user = try await home.users.create(new)
        #expect(user.username == "Ann Lee" && user.email == "Ann@Example.com")
        #expect(user.userID.wholeMatch(of: /[0-9a-f]{40}/) != nil)
        #expect(user.permission.level == "USER" && !user.isLocked && !user.twoFactor)
        for name in ["ann lee", " ANN LEE", "ann@example.com", "\(user.id)", user.userID] {
          #expect(try await home.users.find(name).id == user.id, "\(name)")
        }
        #expect(try await home.events() == ["user-create Ann Lee"])
        let unknown = await refusal { try await home.users.find("bob") }
        #expect(unknown == .notFound("There is no user “bob”."))
      }
    }

    /// A username may look like somebody else's id.
    @Test func aUsernameWinsOverAnId() async throws {
      try await Home.open { home in
        let first = try await home.users.create(NewUser(username: "first"))
        let second = try await home.users.create(NewUser(username: "\(first.id)"))
        #expect(try await home.users.find("\(first.id)").id == second.id)
      }
    }

    @Test(arguments: ["ann", "ANN", " Ann ", "Ａnn"])
    func aNameIsTakenWithoutRegardToCase(name: String) async throws {
      try await Home.open { home in
        _ = try await home.users.create(NewUser(username: "Ann"))
        let found = await refusal { try await home.users.create(NewUser(username: name)) }
        #expect(
          found == .taken(FieldError("username", "A user with that username already exists.")))
        #expect(try await home.number("SELECT count(*) FROM account") == 1)
        #expect(try await home.events().count == 1)
      }
    }

    @Test func anAddressIsTakenWithoutRegardToCase() async throws {
      try await Home.open { home in
        var new = NewUser(username: "ann")
        new.email = "a@example.com"
        _ = try await home.users.create(new)
        new.username = "bob"
        new.email = "A@EXAMPLE.com"
        let found = await refusal { try await home.users.create(new) }
        #expect(found == .taken(FieldError("email", "A user with that email already exists.")))
      }
    }

    @Test func ofManyWhoTakeANameAtOnceOneGetsIt() async throws {
      try await Home.open { home in
        let made = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<20 {
            group.addTask { (try? await home.users.create(NewUser(username: "ann"))) != nil }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        let stored = try await home.number("SELECT count(*) FROM account")
        #expect(made.count { $0 } == 1 && stored == 1)
      }
    }

    private static let impossible: [@Sendable (inout NewUser) -> Void] = [
      { $0.username = "" }, { $0.username = "a/b" }, { $0.email = "nonsense" },
      { $0.firstName = String(repeating: "a", count: 151) }, { $0.lastName = "a\0b" },
      { $0.permission = 99 }, { $0.permission = 0 }, { $0.permission = Int.max },
      { $0.twoFactor = true },
    ]

    @Test(arguments: impossible.indices)
    func whatCannotBeIsRefused(index: Int) async throws {
      try await Home.open { home in
        var new = NewUser(username: "ann")
        Self.impossible[index](&new)
        let wrong = new
        guard case .invalid? = await refusal({ try await home.users.create(wrong) }) else {
          Issue.record("made")
          return
        }
        let stored = try await home.number("SELECT count(*) FROM account")
        #expect(stored == 0)
      }
    }

    @Test func editing() async throws {
      try await Home.open { home in
        let user = try await home.users.create(NewUser(username: "ann"))
        var changes = UserChanges()
        #expect(try await home.users.edit(user, changes).changed == false)
        changes.username = "Ann"
        changes.email = .some("ann@example.com")
        changes.permission = 3
        changes.twoFactor = true
        let (edited, changed) = try await home.users.edit(user, changes)
        #expect(changed && edited.username == "Ann" && edited.email == "ann@example.com")
        #expect(edited.permission.isAdmin && edited.twoFactor)
        #expect(try await home.users.edit(edited, changes).changed == false)
        // The second factor needs the address.
        var without = UserChanges()
        without.email = .some(nil)
        let gone = without
        #expect(await refusal { try await home.users.edit(edited, gone) } != nil)
        #expect(
          try await home.texts(
            "SELECT before::text || after::text FROM audit WHERE what = 'user-edit'")
            == [
              """
              {"email": null, "username": "ann", "permission": 1, "two_factor": false}\
              {"email": "ann@example.com", "username": "Ann", "permission": 3, "two_factor": true}
              """
            ])
      }
    }

    @Test func lockingUnlockingDeletingRestoringPurging() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        _ = try await home.signIn("ann")
        #expect(try await home.users.lock(ann, reason: "why", until: nil))
        #expect(try await !home.users.lock(ann, reason: "why", until: nil))
        #expect(try await home.users.find("ann").isLocked)
        #expect(try await home.users.unlock(ann))
        #expect(try await !home.users.unlock(ann))
        // A lock whose end has passed is over by itself.
        #expect(try await home.users.lock(ann, reason: nil, until: .now + .seconds(-1)))
        #expect(try await !home.users.find("ann").isLocked)
        #expect(try await home.users.delete(ann))
        #expect(try await !home.users.delete(ann))
        #expect(try await home.users.find("ann").deleted != nil)
        let taken = await refusal { try await home.users.create(NewUser(username: "ANN")) }
        #expect(taken != nil, "a deleted account keeps its name")
        #expect(try await home.users.restore(ann))
        #expect(try await !home.users.restore(ann))
        #expect(try await home.users.purge(ann))
        #expect(try await !home.users.purge(ann))
        #expect(try await home.number("SELECT count(*) FROM account") == 0)
        #expect(try await home.number("SELECT count(*) FROM session") == 0)
        #expect(try await home.number("SELECT count(*) FROM credential") == 0)
        #expect(
          try await home.events()
            == [
              "user-create ann", "sign-in ann", "lock ann", "unlock ann", "lock ann", "delete ann",
              "restore ann", "purge ann",
            ].map { $0.replacing(/^(delete|restore|purge)/, with: { "user-\($0.output.1)" }) })
      }
    }

    @Test func oldDeletionsArePurgedInBatches() async throws {
      try await Home.open { home in
        for number in 0..<5 {
          let user = try await home.users.create(NewUser(username: "u\(number)"))
          if number > 0 { _ = try await home.users.delete(user) }
        }
        try await home.execute(
          "UPDATE account SET deleted = now() - interval '40 days' WHERE username IN ('u2','u3','u4')"
        )
        let before = Timestamp.now + .seconds(-30 * 86_400)
        #expect(try await home.users.purgeDeleted(before: before, batch: 2) == 2)
        #expect(try await home.users.purgeDeleted(before: before, batch: 2) == 1)
        #expect(try await home.texts("SELECT username FROM account ORDER BY id") == ["u0", "u1"])
      }
    }

    @Test func aNewPasswordEndsTheOtherSessions() async throws {
      try await Home.open { home in
        let ann = try await home.makeUser("ann")
        let kept = try await home.signIn("ann")
        let other = try await home.signIn("ann")
        let hash = try await home.tools.hasher.hash(Password("another password"))
        try await home.users.setPassword(of: ann, to: hash, keeping: kept.session)
        _ = try await home.authenticator.caller(.access(kept.text(.access)))
        #expect(
          await refusal { try await home.authenticator.caller(.access(other.text(.access))) } != nil
        )
        #expect(await refusal { try await home.signIn("ann") } != nil)
        _ = try await home.signIn("ann", password: Password("another password"))
      }
    }
  }
}
