import TestSupport
import Testing

@testable import Postgres

extension ServerTests {
  @Suite struct CopyTests {
    private static let copyIn = "COPY t (n) FROM STDIN"
    private static let copyOut = "COPY (SELECT n FROM t ORDER BY n) TO STDOUT"

    private func play(
      filledTo count: Int = 0, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
      try await Scene.play { scene in
        try await scene.outside.query(.once("CREATE TABLE t (n integer PRIMARY KEY)"))
        try await scene.outside.query(
          .once("INSERT INTO t SELECT generate_series(1, $1::integer)"), .int(count))
        try await body(scene)
      }
    }

    /// Gives pieces one after another, and an error where one is nil.
    private static func pieces(_ pieces: [String?]) -> () throws -> [UInt8]? {
      var rest = pieces[...]
      return {
        guard let piece = rest.popFirst() else { return nil }
        guard let piece else { throw Deliberate() }
        return Array(piece.utf8)
      }
    }

    /// A row may be cut anywhere.
    @Test(arguments: [
      ["1\n2\n3\n"], ["1\n", "2\n", "3\n"], ["1", "\n2", "\n", "3\n"], ["1\n2\n3"],
    ])
    func piecesAreGluedTogether(pieces: [String]) async throws {
      try await play { scene in
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyIn(Self.copyIn, next: Self.pieces(pieces))
        }
        #expect(count == 3)
        #expect(try await scene.numbers("t") == [1, 2, 3])
      }
    }

    @Test func nothingAtAll() async throws {
      try await play { scene in
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyIn(Self.copyIn) { nil }
        }
        #expect(count == 0)
      }
    }

    @Test func moreThanTheSocketTakes() async throws {
      try await play { scene in
        let count = try await scene.database.transaction { transaction in
          try await transaction.query(.once("CREATE TEMPORARY TABLE big (x text) ON COMMIT DROP"))
          let line = Array((String(repeating: "x", count: 999) + "\n").utf8)
          var rest = 200
          return try await transaction.copyIn("COPY big FROM STDIN") {
            rest -= 1
            return rest < 0 ? nil : Array(repeatElement(line, count: 100).joined())
          }
        }
        #expect(count == 20_000)
      }
    }

    @Test func aProducerThatThrowsLeavesNothing() async throws {
      try await play { scene in
        await #expect(throws: Deliberate()) {
          try await scene.database.transaction { transaction in
            try await transaction.copyIn(Self.copyIn, next: Self.pieces(["1\n", "2\n", nil]))
          }
        }
        #expect(try await scene.numbers("t") == [])
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyIn(Self.copyIn, next: Self.pieces(["3\n"]))
        }
        #expect(count == 1)
      }
    }

    @Test func behindASavepointTheTransactionGoesOn() async throws {
      try await play { scene in
        try await scene.database.transaction { transaction in
          try await transaction.query(.once("INSERT INTO t VALUES (1)"))
          await #expect(throws: Deliberate()) {
            try await transaction.transaction { nested in
              try await nested.copyIn(Self.copyIn, next: Self.pieces(["2\n", nil]))
            }
          }
          try await transaction.query(.once("INSERT INTO t VALUES (3)"))
        }
        #expect(try await scene.numbers("t") == [1, 3])
      }
    }

    @Test(arguments: ["COPY nowhere FROM STDIN", "COPY t FROM STDIN WITH (nonsense)", "SELECT 1"])
    func aCommandThatIsNoCopy(sql: String) async throws {
      try await play { scene in
        _ = await failure {
          try await scene.database.transaction { transaction in
            _ = try await transaction.copyIn(sql) { Array("1\n".utf8) }
          }
        }
        #expect(try await scene.numbers("t") == [])
        let rows = try await scene.database.transaction { transaction in
          try await transaction.query(.once("SELECT 7", .reads))
        }
        #expect(try rows[0].decode(Int.self) == 7)
      }
    }

    @Test func aRowThatTheTableRefuses() async throws {
      try await play { scene in
        let error = await failure {
          try await scene.database.transaction { transaction in
            try await transaction.copyIn(Self.copyIn, next: Self.pieces(["1\n", "x\n", "2\n"]))
          }
        }
        #expect(error?.sqlState?.rawValue == "22P02")
        let numbers = try await scene.numbers("t")
        #expect(numbers == [])
      }
    }

    @Test func everyRowComesOut() async throws {
      try await play(filledTo: 20_000) { scene in
        let lines = Journal<String>()
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyOut(Self.copyOut) { bytes in
            lines.note(String(decoding: bytes, as: UTF8.self))
          }
        }
        #expect(count == 20_000)
        #expect(lines.entries == (1...20_000).map { "\($0)\n" })
      }
    }

    @Test func aReceiverThatThrowsEndsItAndTheDatabaseGoesOn() async throws {
      try await play(filledTo: 20_000) { scene in
        let received = Journal<Int>()
        await #expect(throws: Deliberate()) {
          try await scene.database.transaction { transaction in
            try await transaction.copyOut(Self.copyOut) { bytes in
              received.note(bytes.count)
              if received.entries.count == 3 { throw Deliberate() }
            }
          }
        }
        #expect(received.entries.count == 3)
        let count = try await scene.database.transaction { transaction in
          try await transaction.copyOut(Self.copyOut) { _ in }
        }
        #expect(count == 20_000)
      }
    }

    /// The rows that are still on their way are dropped, and the transaction goes on.
    @Test func aReceiverThatThrowsBehindASavepoint() async throws {
      try await play(filledTo: 20_000) { scene in
        try await scene.database.transaction { transaction in
          await #expect(throws: Deliberate()) {
            try await transaction.transaction { nested in
              try await nested.copyOut(Self.copyOut) { _ in throw Deliberate() }
            }
          }
          try await transaction.query(.once("DELETE FROM t WHERE n > 1"))
        }
        #expect(try await scene.numbers("t") == [1])
      }
    }
  }
}
