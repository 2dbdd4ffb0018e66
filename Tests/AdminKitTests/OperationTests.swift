import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct RegistryTests {
  private static let operations = Registry.all.operations

  @Test func namesAreUnique() {
    let names = Dictionary(grouping: Self.operations, by: \.name)
    #expect(names.filter { $0.value.count > 1 }.keys.sorted() == [])
    for noun in Registry.all.nouns {
      let verbs = Registry.all.verbs(of: noun)
      #expect(verbs.count == 1 || verbs.allSatisfy { $0.verb != nil }, "\(noun)")
      #expect(verbs[0].verb == nil || !Registry.summary(of: noun).isEmpty, "\(noun)")
    }
  }

  @Test(arguments: operations.map(\.name))
  func everyOperationIsDescribed(name: String) throws {
    let operation = try #require(Self.operations.first { $0.name == name })
    #expect(operation.summary.first?.isUppercase == true && !operation.summary.hasSuffix("."))
    #expect(operation.allDetails.isEmpty || operation.allDetails.hasSuffix("."))
    for help in operation.arguments.map(\.help) + operation.options.map(\.help) {
      #expect(!help.isEmpty && !help.hasSuffix(".") && help.first?.isUppercase == false, "\(help)")
    }
    for argument in operation.arguments {
      #expect(argument.name == argument.name.uppercased(), "\(argument.name)")
    }
    // Words behind a list could never be told apart, nor what is required behind what isn't.
    for (argument, next) in zip(operation.arguments, operation.arguments.dropFirst()) {
      #expect(argument.arity == .one || (argument.arity == .optional && next.arity == .optional))
    }
    let keys = operation.columns.map(\.key)
    #expect(Set(keys).count == keys.count)
    // X is what the interfaces call it.
    for key in keys { #expect(key.wholeMatch(of: /[a-z0-9_]+|X/) != nil, "\(key)") }
    #expect(Registry.all.find(operation.noun, operation.verb)?.name == name)
  }

  /// An option that is also a global one, or a setting, would have two meanings.
  @Test(arguments: operations.map(\.name))
  func optionsHaveNamesOfTheirOwn(name: String) throws {
    let operation = try #require(Self.operations.first { $0.name == name })
    let all = GlobalOptions.options + Setting.all.map(\.option) + operation.options
    let names = Dictionary(grouping: all, by: \.name).filter { $0.value.count > 1 }
    #expect(names.keys.sorted() == [])
    let letters = Dictionary(grouping: all.compactMap(\.short)) { $0 }.filter { $0.value.count > 1 }
    #expect(letters.isEmpty)
  }

  private static let examples = operations.flatMap { operation in
    operation.examples.map { (operation.name, $0) }
  }

  @Test(arguments: examples)
  func everyExampleIsACommand(name: String, example: String) throws {
    // What a shell does before or behind the command aside.
    let start = try #require(example.firstRange(of: "havocctl "), "\(example)")
    let text = example[start.upperBound...].prefix { !"|)".contains($0) }
    var words: [String] = [""]
    var quote: Character?
    for character in text {
      if character == quote {
        quote = nil
      } else if quote == nil, "'\"".contains(character) {
        quote = character
      } else if character == " ", quote == nil {
        words.append("")
      } else {
        words[words.count - 1].append(character)
      }
    }
    words = Array(words.filter { !$0.isEmpty }.prefix { $0 != "<" && $0 != ">" })
    let parsed = try CommandLineParser(.all).parse(words)
    #expect(parsed.operation?.name == name)
  }

  @Test func helpShowsEverything() {
    let help = Help(.all)
    for noun in Registry.all.nouns {
      #expect(help.overview().contains("\n  \(noun) "), "\(noun)")
      for operation in Registry.all.verbs(of: noun) {
        let text = help.operation(operation)
        #expect(text.hasPrefix("usage: havocctl \(operation.usage)\n"))
        for option in operation.options { #expect(text.contains("--\(option.name)")) }
        for example in operation.examples { #expect(text.contains(example)) }
      }
    }
  }
}

@Suite struct FailureTests {
  private static let errors: [(any Error & Sendable, AdminKit.ExitStatus, String)] = [
    (Refusal.invalid([FieldError("a", "B.")]), .failed, "a: B."),
    (Refusal.notFound("N."), .notFound, "N."),
    (Refusal.taken(FieldError("a", "B.")), .exists, "a: B."),
    (Refusal.conflict("C."), .refused, "C."), (Refusal.forbidden("F."), .refused, "F."),
    (Refusal.unauthenticated("U."), .refused, "U."),
    (Refusal.busy(retryAfter: 1), .failed, "The server is busy. Try again in a moment."),
    (
      PostgresError(.unavailable, "x", retry: .safe), .unreachable,
      "the database can't be reached: x"
    ),
    (
      PostgresError(.connectionLost, "x", retry: .safe), .unreachable,
      "the database can't be reached: x"
    ),
    (PostgresError(.decoding, "x", retry: .pointless), .failed, "the database says: x"),
    (
      SchemaMismatch.behind(found: 1, expected: 2), .refused,
      "the database's schema is at version 1, this program wants 2"
    ),
    (
      SchemaMismatch.ahead(found: 3, expected: 2), .refused,
      "the database's schema is at version 3, this program knows 2"
    ),
    (Failure(.partly, "p", hint: "h"), .partly, "p"),
    (CancellationError(), .failed, "CancellationError()"),
  ]

  @Test(arguments: errors.indices)
  func everyErrorHasItsStatus(index: Int) {
    let (error, status, message) = Self.errors[index]
    let failure = Failure(error)
    #expect(failure.status == status)
    #expect(failure.message == message)
  }

  /// Scripts depend on them.
  @Test func theNumbersStay() {
    #expect(AdminKit.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 130])
    #expect(
      Set(AdminKit.ExitStatus.allCases.map(\.meaning)).count == AdminKit.ExitStatus.allCases.count)
  }
}

@Suite struct ConfirmationTests {
  /// What is decided, in a word: go, ask for what, or refuse.
  private func decision(
    _ effect: AdminKit.Operation.Effect, _ count: Int, _ line: String, mayAsk: Bool,
    isAll: Bool = false
  ) throws -> String {
    let operation = Operation("noun", "verb", "Do it", effect: effect) { _ in }
    let words = ["noun", "verb"] + line.split(separator: " ").map(String.init)
    let global = try CommandLineParser(Registry([operation])).parse(words).global
    let confirmation = Confirmation(
      operation: operation, global: global, isAll: isAll, mayAsk: mayAsk)
    switch confirmation.decide(count, name: "ann") {
    case .goAhead: return "go"
    case .ask(let question, let expected):
      #expect(question.hasPrefix("noun verb"))
      return "ask \(expected)"
    case .refuse(let failure):
      #expect(failure.status == .refused)
      return "refuse"
    }
  }

  private struct Case: Sendable {
    let effect: AdminKit.Operation.Effect
    let count: Int
    let options: String
    /// On a terminal, and without one.
    let expected: [String]

    init(
      _ effect: AdminKit.Operation.Effect, _ count: Int, _ options: String, _ expected: [String]
    ) {
      self.effect = effect
      self.count = count
      self.options = options
      self.expected = expected
    }
  }

  private static let cases: [Case] = [
    Case(.destroys, 0, "", ["go", "go"]), Case(.destroys, 1, "", ["ask y", "refuse"]),
    Case(.destroys, 1, "--yes", ["go", "go"]), Case(.destroys, 1, "--confirm=1", ["go", "go"]),
    Case(.destroys, 1, "--confirm=2", ["refuse", "refuse"]),
    Case(.destroys, 3, "", ["ask 3", "refuse"]), Case(.destroys, 3, "--yes", ["ask 3", "refuse"]),
    Case(.destroys, 3, "--confirm=3", ["go", "go"]),
    Case(.destroys, 3, "--confirm=2", ["refuse", "refuse"]),
    Case(.destroys, 3, "--yes --confirm=2", ["refuse", "refuse"]),
    Case(.changes, 1, "", ["go", "go"]), Case(.changes, 2, "", ["ask 2", "refuse"]),
    Case(.changes, 2, "--yes", ["ask 2", "refuse"]),
    Case(.changes, 2, "--confirm 2", ["go", "go"]),
    Case(.changes, 2, "--confirm 1", ["refuse", "refuse"]),
    Case(.prunes, 0, "", ["go", "go"]), Case(.prunes, 9, "", ["ask y", "refuse"]),
    Case(.prunes, 9, "--yes", ["go", "go"]), Case(.prunes, 9, "--confirm=9", ["go", "go"]),
    Case(.prunes, 9, "--confirm=8", ["refuse", "refuse"]),
    Case(.adds, 9, "", ["go", "go"]), Case(.reads, 9, "", ["go", "go"]),
    Case(.administers, 9, "", ["go", "go"]), Case(.standsAlone, 9, "", ["go", "go"]),
  ]

  @Test(arguments: cases.indices)
  func whetherItGoesAhead(index: Int) throws {
    let given = Self.cases[index]
    let decisions = try [true, false].map {
      try decision(given.effect, given.count, given.options, mayAsk: $0)
    }
    #expect(decisions == given.expected, "\(given)")
  }

  /// Whoever says all may not know that it is one.
  @Test func allIsAlwaysAMassChange() throws {
    #expect(try decision(.changes, 1, "", mayAsk: true, isAll: true) == "ask 1")
    #expect(try decision(.destroys, 1, "--yes", mayAsk: false, isAll: true) == "refuse")
    #expect(try decision(.destroys, 1, "--confirm=1", mayAsk: false, isAll: true) == "go")
  }

  @Test(
    arguments: [
      ("y", "y", true), ("Yes", "y", true), (" Y ", "y", true), ("n", "y", false), ("", "y", false),
      (nil, "y", false), ("3", "3", true), ("y", "3", false), ("4", "3", false),
      ("yes", "3", false),
    ] as [(String?, String, Bool)])
  func answers(typed: String?, expected: String, accepted: Bool) {
    #expect(Confirmation.accepts(typed, expected) == accepted)
  }
}
