import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct IntegersTests {
    private static func find(
      _ integers: Integers, _ name: String, of account: Int64
    ) async throws -> StoredSet {
      let sets = try await integers.sets(of: account, in: "s")
      return try #require(sets?.first { $0.name == name })
    }

    private static func read(
      _ integers: Integers, _ name: String, of account: Int64
    ) async throws -> [IntegerUnit] {
      let set = try await Self.find(integers, name, of: account)
      var reader = UnitReader(set, integers.database)
      var chunks: [PackedUnits] = []
      while let chunk = try await reader.next() { chunks.append(chunk) }
      #expect(chunks.units.count == set.units)
      return chunks.units
    }

    @Test func setsOfEverySizeComeBack() async throws {
      try await Home.open { home in
        let ada = try await home.makeUser("ada").id
        let integers = Integers(home.database)
        var dice = Dice(3)
        // The largest goes out in several batches, with values as wide as they get.
        for count in [0, 1, 4_096, 4_097, 100_000] {
          let all = units(count, gap: 2, values: Int64.min...Int64.max, &dice)
          try await integers.store(
            [NewSet(name: "n\(count)", chunks: try await packed(all))], in: "s", of: ada)
          #expect(try await Self.read(integers, "n\(count)", of: ada) == all)
        }
      }
    }

    @Test func manySetsAreStoredTogetherOrNotAtAll() async throws {
      try await Home.open { home in
        let ada = try await home.makeUser("ada").id
        let integers = Integers(home.database)
        var dice = Dice(5)
        var sets: [NewSet] = []
        for number in 0..<300 {
          let all = units(number * 40, values: Int64.min...Int64.max, &dice)
          sets.append(NewSet(name: "n\(number)", chunks: try await packed(all)))
        }
        try await integers.store(sets, in: "s", of: ada)
        let stored = try #require(try await integers.sets(of: ada, in: "s"))
        let names = stored.map(\.name)
        let first = try await integers.withFirstChunks(stored[5..<9])
        #expect(first.map(\.name) == stored[5..<9].map(\.name))
        #expect(first.allSatisfy { $0.chunks.count == 1 })
        #expect(try await integers.sets(of: ada, in: "s", after: "n98")?.map(\.name) == ["n99"])
        #expect(try await integers.sets(of: ada, in: "t") == nil)
        #expect(names == (0..<300).map { "n\($0)" }.sorted())
        // The account is gone, and so nothing of this is there.
        await #expect(throws: Refusal.self) { try await integers.store(sets, in: "t", of: 99_999) }
        #expect(try await home.number("SELECT count(*) FROM integer_session") == 1)
        #expect(try await home.number("SELECT count(*) FROM integer_set") == 300)
      }
    }

    /// Who reads a set that is replaced or deleted meanwhile reads the old one to its end; later it
    /// is cleared away.
    @Test func aContentOutlivesItsSetForAWhile() async throws {
      try await Home.open { home in
        let ada = try await home.makeUser("ada").id
        let integers = Integers(home.database)
        var dice = Dice(7)
        let old = units(60_000, &dice)
        try await integers.store(
          [NewSet(name: "a", chunks: try await packed(old))], in: "s", of: ada)
        let set = try await Self.find(integers, "a", of: ada)
        var reader = UnitReader(set, home.database)
        var read = [try await reader.next()].compactMap { $0 }
        try await integers.store(
          [NewSet(name: "a", chunks: try await packed([]))], in: "s", of: ada)
        try await integers.delete(session: "s", of: ada)
        let house = Housekeeping(
          home.database, limits: Attempts.Limits(), retention: .seconds(3_600))
        try await house.run()
        while let chunk = try await reader.next() { read.append(chunk) }
        #expect(read.units == old)
        _ = try await home.database.query(
          .once("UPDATE integer_garbage SET since = since - interval '16 minutes'"))
        try await house.run()
        #expect(try await home.number("SELECT count(*) FROM integer_chunk") == 0)
        #expect(try await home.number("SELECT count(*) FROM integer_garbage") == 0)
        var late = UnitReader(set, home.database)
        await #expect(throws: Refusal.self) { while try await late.next() != nil {} }
      }
    }

    @Test func anEquationIsComputedOverStoredSets() async throws {
      try await Home.open { home in
        let ada = try await home.makeUser("ada").id
        let integers = Integers(home.database)
        var dice = Dice(11)
        let a = units(50_000, &dice)
        let b = units(70_000, &dice)
        try await integers.store(
          [
            NewSet(name: "a", chunks: try await packed(a)),
            NewSet(name: "b", chunks: try await packed(b)),
          ], in: "s", of: ada)
        let equation = try Equation("2*a - b")
        let operands = try #require(try await integers.sets(of: ada, in: "s"))
        var pauses = 0
        let result = try await integers.compute(equation, operands) { pauses += 1 }.units
        #expect(pauses > 0)
        #expect(result.count == 70_000)
        #expect((0..<50_000).allSatisfy { result[$0].x == 2 * a[$0].x - b[$0].x })
        #expect((50_000..<70_000).allSatisfy { result[$0].q == -b[$0].q })
      }
    }

    @Test func postersOfTheSameSetsTakeTurns() async throws {
      try await Home.open { home in
        let ada = try await home.makeUser("ada").id
        let integers = Integers(home.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for poster in 1...8 as ClosedRange<Int64> {
            group.addTask(executorPreference: home.database.loop) {
              let sets = try await (0..<20).asyncMap { number in
                NewSet(
                  name: "n\(number)",
                  chunks: try await packed(
                    (0..<5_000).map { IntegerUnit(index: $0, x: poster, q: poster) }))
              }
              try await integers.store(
                poster % 2 == 0 ? sets : sets.reversed(), in: "s", of: ada)
            }
          }
          try await group.waitForAll()
        }
        var posters: Set<Int64> = []
        for number in 0..<20 {
          for unit in try await Self.read(integers, "n\(number)", of: ada) {
            posters.insert(unit.x)
          }
        }
        #expect(posters.count == 1)
      }
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(
    _ transform: (Element) async throws -> Value
  ) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
