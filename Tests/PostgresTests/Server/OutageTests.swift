import EventLoop
import TestSupport
import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct OutageTests {
    private static let one = Statement("SELECT 1")

    @Test(arguments: ["host=/nonexistent port=5432", "host=127.0.0.1 port=1 dbname=x"])
    func whatCannotBeReachedIsUnavailable(conninfo: String) async throws {
      try await onLoop { loop in
        let database = Database(loop: loop, options: .init(conninfo: conninfo))
        // The second is answered from what the first found out.
        for _ in 0..<2 {
          let error = await failure { try await database.query(Self.one) }
          #expect(error?.kind == .unavailable && error?.retry == .safe)
        }
        let error = await failure { try await database.transaction { _ in } }
        #expect(error?.kind == .unavailable)
        database.close()
      }
    }

    @Test func aDatabaseThatIsMissingIsUnavailable() async throws {
      try await onLoop { loop in
        let options = try TestServer.options(["dbname": "nowhere_at_all"])
        let database = Database(loop: loop, options: options)
        let error = await failure { try await database.query(Self.one) }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("nowhere_at_all") == true)
        database.close()
      }
    }

    @Test func aServerThatNeverAnswersIsGivenUp() async throws {
      let relay = try Relay(.silent)
      defer { relay.close() }
      try await onLoop { loop in
        var options = try TestServer.options(relay.words)
        options.connectTimeout = .milliseconds(30)
        let database = Database(loop: loop, options: options)
        let error = await failure { try await database.query(Self.one) }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.hasPrefix("no answer within") == true)
        database.close()
      }
    }

    @Test func itIsFoundOnceItIsThere() async throws {
      let directory = try Relay.makeDirectory()
      try await onLoop { loop in
        let words = ["host": directory, "port": "5432", "hostaddr": ""]
        let database = Database(loop: loop, options: try TestServer.options(words))
        let changes = Journal<String>()
        database.onConnectionChange = { changes.note($0 == nil ? "back" : "lost") }
        _ = await failure { try await database.query(Self.one) }
        let relay = try Relay(.byteByByte, directory: directory)
        #expect(await loop.waits { (try? await database.query(Self.one)) != nil })
        #expect(changes.entries == ["lost", "back"])
        database.close()
        relay.close()
      }
    }

    @Test func aClosedDatabaseTakesNothing() async throws {
      try await Scene.play { scene in
        try await scene.database.query(Self.one)
        scene.database.close()
        let error = await failure { try await scene.database.query(Self.one) }
        #expect(error?.kind == .unavailable)
      }
    }
  }

  /// Results that arrive one byte at a time.
  @Suite struct PiecesTests {
    private func play(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
      let relay = try Relay(.byteByByte)
      defer { relay.close() }
      let words = relay.words
      try await Scene.play(.init(words: words)) { scene in
        try await body(scene)
      }
    }

    @Test func queriesAreAnswered() async throws {
      try await play { scene in
        let texts = Statement("SELECT n, repeat('x', n) FROM generate_series(1, $1::integer) n")
        let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
          for number in 1...10 {
            group.addTask {
              let rows = try await scene.database.query(texts, .int(number))
              return (
                number, try rows.map { try $0.decode(Int.self, String.self).1.count }.reduce(0, +)
              )
            }
          }
          return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(
          counts == Dictionary(uniqueKeysWithValues: (1...10).map { ($0, $0 * ($0 + 1) / 2) }))
      }
    }

    @Test func soAreErrorsAndTransactions() async throws {
      try await play { scene in
        let error = await failure { try await scene.database.query(.once("SELECT 1/0", .reads)) }
        #expect(error?.sqlState?.rawValue == "22012")
        let lines = Journal<String>()
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyOut("COPY (SELECT generate_series(1, 20)) TO STDOUT") { bytes in
            lines.note(String(decoding: bytes, as: UTF8.self))
          }
        }
        #expect(count == 20 && lines.entries == (1...20).map { "\($0)\n" })
      }
    }

    @Test func aRelayThatEndsIsAConnectionLost() async throws {
      let relay = try Relay(.byteByByte)
      let words = relay.words
      try await Scene.play(.init(words: words)) { scene in
        try await scene.database.query(Statement("SELECT 1"))
        let sleep = scene.start {
          await failure { try await scene.database.query(.once("SELECT pg_sleep(600)")) }
        }
        #expect(
          try await scene.loop.waits { try await !scene.backends(like: "%sleep(600)%").isEmpty })
        relay.close()
        let error = try await sleep.value
        #expect(error?.kind == .connectionLost && error?.retry == .unknown)
        try await scene.terminate(like: "%sleep(600)%")
      }
    }
  }
}
