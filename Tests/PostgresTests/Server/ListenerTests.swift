import TestSupport
import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct ListenerTests {
    /// What a listener tells, in words.
    private static func word(_ event: Listener.Event) -> String {
      switch event {
      case .listening: "listening"
      case .notification(let notification): "\(notification.channel)=\(notification.payload)"
      case .lost: "lost"
      }
    }

    private static func notify(_ scene: Scene, _ channel: String, _ payload: String) async throws {
      try await scene.outside.query(
        .once("SELECT pg_notify($1, $2)"), .text(channel), .text(payload))
    }

    /// Plays with a listener on two channels, named after the schema so that they are its own.
    private func play(
      _ body: @escaping @Sendable (Scene, Listener, Journal<String>) async throws -> Void
    ) async throws {
      try await Scene.play { scene in
        let told = Journal<String>()
        let channels = ["\(scene.schema)_a", "\(scene.schema)_b"]
        let listener = Listener(database: scene.database, channels: channels) { event in
          told.note(Self.word(event).replacing("\(scene.schema)_", with: ""))
        }
        listener.start()
        #expect(await scene.loop.waits { told.entries == ["listening"] })
        try await body(scene, listener, told)
        listener.stop()
      }
    }

    @Test func whatIsNotifiedIsToldInOrder() async throws {
      try await play { scene, _, told in
        for (channel, payload) in [("a", "1"), ("b", ""), ("c", "2"), ("a", "ünï"), ("a", "1")] {
          try await Self.notify(scene, "\(scene.schema)_\(channel)", payload)
        }
        #expect(await scene.loop.waits { told.entries.count >= 5 })
        #expect(told.entries == ["listening", "a=1", "b=", "a=ünï", "a=1"])
      }
    }

    @Test func aRolledBackNotificationIsNotTold() async throws {
      try await play { scene, _, told in
        _ = try? await scene.outside.transaction { transaction in
          try await transaction.query(
            .once("SELECT pg_notify($1, 'no')"), .text("\(scene.schema)_a"))
          throw Deliberate()
        }
        try await Self.notify(scene, "\(scene.schema)_a", "yes")
        #expect(await scene.loop.waits { told.entries.count >= 2 })
        #expect(told.entries == ["listening", "a=yes"])
      }
    }

    /// Whatever was sent meanwhile is missed, which the second `listening` says.
    @Test func itListensAgainAfterALoss() async throws {
      try await play { scene, _, told in
        for round in 1...2 {
          // The only connection there is, whatever it asked last.
          try await scene.terminate(like: "%", state: "idle")
          #expect(
            await scene.loop.waits { told.entries.last == "listening" && told.entries.count > 1 })
          try await Self.notify(scene, "\(scene.schema)_b", "\(round)")
          #expect(await scene.loop.waits { told.entries.last == "b=\(round)" })
        }
        #expect(
          told.entries == ["listening", "lost", "listening", "b=1", "lost", "listening", "b=2"])
      }
    }

    @Test func aStoppedOneSaysNothingMore() async throws {
      try await play { scene, listener, told in
        listener.stop()
        #expect(
          try await scene.loop.waits {
            try await scene.backends(like: "LISTEN%", state: "idle").isEmpty
          })
        try await Self.notify(scene, "\(scene.schema)_a", "late")
        #expect(told.entries == ["listening"])
      }
    }
  }
}
