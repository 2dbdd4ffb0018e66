import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct MessagesTests {
    private static func conversation(_ home: Home, _ a: User, _ b: User) async throws -> Int64 {
      let insert = Statement(
        "INSERT INTO conversation (initiator, receiver) VALUES ($1, $2) RETURNING id", .writes)
      return try await home.database.query(insert, .int(a.id), .int(b.id))[0].decode(Int64.self)
    }

    /// Whoever follows the chain of “the one before it” meets every message, in the order of ids.
    @Test func theChainOfMessagesHasNoGap() async throws {
      try await Home.open { home in
        let (ann, bob) = (try await home.makeUser("ann"), try await home.makeUser("bob"))
        let cy = try await home.makeUser("cy")
        let ours = try await Self.conversation(home, ann, bob)
        let theirs = try await Self.conversation(home, bob, cy)
        let stored = try await withThrowingTaskGroup(of: [StoredMessage].self) { group in
          for writer in 0..<8 {
            group.addTask(executorPreference: home.database.loop) {
              var stored: [StoredMessage] = []
              for batch in 0..<10 {
                let messages = (0..<5).map { index in
                  NewMessage(
                    conversation: index % 2 == writer % 2 ? ours : theirs, sender: bob.id,
                    body: "\(writer) \(batch) \(index)")
                }
                stored += try await home.database.transaction {
                  try await Messages($0).store(messages)
                }
              }
              return stored
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(stored.count == 400)
        for conversation in [ours, theirs] {
          let mine = stored.filter { $0.conversation == conversation }
            .sorted { $0.message.id < $1.message.id }
          var last: Int64 = 0
          for message in mine {
            #expect(message.previous == last)
            last = message.message.id
          }
          let kept = try await Conversations(home.database).messages(
            in: conversation, after: 0, limit: 1_000)
          #expect(kept.map(\.body) == mine.map(\.message.body))
          #expect(kept.allSatisfy { $0.sender == "bob" })
        }
      }
    }

    @Test func aConversationThatIsGoneFailsAll() async throws {
      try await Home.open { home in
        let (ann, bob) = (try await home.makeUser("ann"), try await home.makeUser("bob"))
        let id = try await Self.conversation(home, ann, bob)
        let messages = Messages(home.database)
        await #expect(throws: PostgresError.self) {
          try await messages.store([
            NewMessage(conversation: id, sender: ann.id, body: "a"),
            NewMessage(conversation: id + 1, sender: ann.id, body: "b"),
          ])
        }
        #expect(try await home.number("SELECT count(*) FROM message") == 0)
      }
    }
  }
}
