import Testing

@testable import Domain

@Suite struct CatalogueTests {
  private static let exercises = Catalogue.groups.flatMap(\.exercises)

  @Test func thereIsEnoughOfIt() {
    #expect(Catalogue.groups.count >= 12)
    #expect(Self.exercises.count >= 120)
    for group in Catalogue.groups { #expect(!group.exercises.isEmpty, "\(group.name)") }
  }

  @Test func namesAreUniqueWithoutRegardToCase() {
    for names in [Catalogue.groups.map(\.name), Self.exercises.map(\.name)] {
      let keys = Dictionary(grouping: names, by: \.caseFoldedKey)
      #expect(keys.values.filter { $0.count > 1 } == [])
    }
  }

  @Test(arguments: Catalogue.groups.map(\.name))
  func everyExerciseIsWorthFollowing(group: String) throws {
    let group = try #require(Catalogue.groups.first { $0.name == group })
    for exercise in group.exercises {
      let steps = exercise.instructions.split(separator: "\n")
      #expect(steps.count >= 3, "\(exercise.name)")
      for (index, step) in steps.enumerated() {
        #expect(step.hasPrefix("\(index + 1). "), "\(exercise.name): \(step.prefix(20))")
      }
      #expect(!exercise.targetedMuscles.isEmpty, "\(exercise.name)")
      #expect(throws: Never.self) {
        let imported = try ImportedExercise(
          name: exercise.name, group: group.name, targetedMuscles: "",
          instructions: exercise.instructions)
        // As it is seeded, so that a second seeding finds nothing to change.
        #expect(imported.name == exercise.name && imported.group == group.name)
      }
    }
  }
}

@Suite struct CopyTextTests {
  private static let rows: [([String?], String)] = [
    (["a", "b"], "a\tb\n"), ([nil, "", "\\N"], "\\N\t\t\\\\N\n"),
    (["a\tb\nc\rd\\e"], "a\\tb\\nc\\rd\\\\e\n"), (["ünï", "\u{1}"], "ünï\t\u{1}\n"),
    (["\\."], "\\\\.\n"),
  ]

  @Test(arguments: rows)
  func escapes(row: [String?], expected: String) {
    var text = CopyText()
    for value in row { text.append(value) }
    text.endRow()
    #expect(String(decoding: text.bytes, as: UTF8.self) == expected)
  }

  @Test func severalRows() {
    var text = CopyText()
    for _ in 0..<2 {
      text.append("a")
      text.append(nil)
      text.endRow()
    }
    #expect(String(decoding: text.bytes, as: UTF8.self) == "a\t\\N\na\t\\N\n")
  }
}

@Suite struct MigrationTests {
  private static let texts: [(String, [String])] = [
    ("A;\nB;", ["A;\n", "B;\n"]), ("A\n  b;\n\nB;\n", ["A\n  b;\n", "\nB;\n"]),
    ("A; B;\nC", ["A; B;\n", "C\n"]), ("", []), ("\n \n", []),
    ("F AS $$\n  x;\n  y;\n$$;\nB;", ["F AS $$\n  x;\n  y;\n$$;\n", "B;\n"]),
    ("F AS $$ x; $$;\nB;", ["F AS $$ x; $$;\n", "B;\n"]),
  ]

  @Test(arguments: texts)
  func isCutIntoStatements(sql: String, statements: [String]) {
    #expect(Migration(1, "x", sql).statements == statements)
  }

  @Test func theyAreNumberedWithoutAGap() {
    #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
    #expect(Set(Migration.all.map(\.name)).count == Migration.all.count)
  }
}
