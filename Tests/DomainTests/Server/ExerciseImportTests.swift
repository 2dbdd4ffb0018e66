import Postgres
import TestSupport
import Testing

@testable import Domain

extension ServerTests {
  @Suite struct ExerciseImportTests {
    private typealias Counts = ImportCounts

    private static func row(
      _ name: String, _ group: String = "Legs", _ instructions: String = "1. Go"
    ) throws -> ImportedExercise {
      try ImportedExercise(
        name: name, group: group, targetedMuscles: "calves", instructions: instructions)
    }

    private static func take(
      _ rows: [ImportedExercise], _ home: Home, failsAtEnd: Bool = false
    ) async throws -> Counts {
      try await home.database.transaction { transaction in
        var rest = rows[...]
        return try await ExerciseImport(transaction, actor: home.actor).run {
          if rest.isEmpty, failsAtEnd { throw Refusal.notFound("the rest") }
          return rest.popFirst()
        }
      }
    }

    private static func version(_ home: Home) async throws -> String {
      try await home.texts("SELECT version::text FROM catalogue")[0]
    }

    @Test func newChangedAndTheSameAreCounted() async throws {
      try await Home.open { home in
        var rows = [try Self.row("Squat"), try Self.row("Lunge"), try Self.row("Curl", "Arms")]
        #expect(try await Self.take(rows, home) == Counts(added: 3, changed: 0, unchanged: 0))
        let version = try await Self.version(home)
        #expect(try await Self.take(rows, home) == Counts(added: 0, changed: 0, unchanged: 3))
        #expect(try await Self.version(home) == version, "nothing was written")
        rows[0] = try Self.row("SQUAT", "legs", "1. Go\t\\deep\n2. Back")
        rows[1] = try Self.row("Lunge", "New")
        rows.append(try Self.row("Press", "New"))
        #expect(try await Self.take(rows, home) == Counts(added: 1, changed: 2, unchanged: 1))
        #expect(try await Self.version(home) != version)
        #expect(
          try await home.texts("SELECT name FROM exercise_group ORDER BY id")
            == ["Arms", "Legs", "New"])
        #expect(
          try await home.texts("SELECT instructions FROM exercise WHERE name = 'SQUAT'")
            == ["1. Go\t\\deep\n2. Back"])
        #expect(
          try await home.texts("SELECT after::text FROM audit ORDER BY id")
            == ["{\"added\": 3, \"changed\": 0}", "{\"added\": 1, \"changed\": 2}"])
      }
    }

    @Test func aNameThatComesTwiceIsRefusedWhole() async throws {
      try await Home.open { home in
        let rows = [try Self.row("Squat"), try Self.row("Lunge"), try Self.row("sQUAT")]
        let found = await refusal { try await Self.take(rows, home) }
        #expect(found?.message.contains("twice") == true)
        #expect(try await home.number("SELECT count(*) FROM exercise") == 0)
        #expect(try await home.number("SELECT count(*) FROM exercise_group") == 0)
      }
    }

    @Test func aFaultAtTheEndLeavesNothing() async throws {
      try await Home.open { home in
        let rows = [try Self.row("Squat"), try Self.row("Lunge")]
        let found = await refusal { try await Self.take(rows, home, failsAtEnd: true) }
        #expect(found == .notFound("the rest"))
        #expect(try await home.number("SELECT count(*) FROM exercise") == 0)
      }
    }

    @Test func nothingAtAll() async throws {
      try await Home.open { home in
        let counts = try await Self.take([], home)
        #expect(counts == Counts(added: 0, changed: 0, unchanged: 0))
        #expect(try await home.events() == [])
      }
    }

    @Test func manyGoOutInPieces() async throws {
      try await Home.open { home in
        let long = String(repeating: "x", count: 500)
        let rows = try (0..<2_000).map { try Self.row("Exercise \($0)", "G\($0 % 7)", long) }
        #expect(try await Self.take(rows, home) == Counts(added: 2_000, changed: 0, unchanged: 0))
        #expect(try await home.number("SELECT count(*) FROM exercise_group") == 7)
      }
    }

    @Test func theCatalogueIsSeededOnce() async throws {
      try await Home.open { home in
        let total = Catalogue.groups.map(\.exercises.count).reduce(0, +)
        for round in 0..<2 {
          let counts = try await home.database.transaction { transaction in
            try await ExerciseImport(transaction, actor: home.actor).seed()
          }
          #expect(
            counts
              == Counts(
                added: round == 0 ? total : 0, changed: 0, unchanged: round == 0 ? 0 : total))
        }
        let all = try await Exercises(home.database, actor: home.actor).all()
        #expect(all.exercises.count == total)
        #expect(all.version.description == (try await Self.version(home)))
      }
    }

    @Test func exercisesAndGroupsAreKeptConsistent() async throws {
      try await Home.open { home in
        let exercises = Exercises(home.database, actor: home.actor)
        let groups = Groups(home.database, actor: home.actor)
        let legs = try await groups.create(" Legs ")
        #expect(legs.name == "Legs")
        #expect(await refusal { try await groups.create("LEGS") } != nil)
        var changes = ExerciseChanges()
        changes.name = "Squat"
        changes.group = "legs"
        let wanted = changes
        let squat = try await exercises.create(wanted)
        #expect(squat.groupID == legs.id && squat.instructions == "")
        #expect(await refusal { try await exercises.create(wanted) } != nil)
        guard case .conflict? = await refusal({ try await groups.delete(legs) }) else {
          Issue.record("a group with exercises was deleted")
          return
        }
        #expect(try await exercises.edit(squat, wanted).changed == false)
        let version = try await Self.version(home)
        try await exercises.delete(squat)
        #expect(try await Self.version(home) != version)
        try await groups.delete(legs)
        #expect(await refusal { try await exercises.find("squat") } != nil)
      }
    }
  }
}
