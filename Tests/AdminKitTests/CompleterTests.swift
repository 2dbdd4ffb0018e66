import Domain
import Testing

@testable import AdminKit

@Suite struct CompleterTests {
  private static let names: [LiveNames: [String]] = [
    .user: ["ada", "Ada Lovelace", "bob"], .permission: ["1", "2", "3"],
    .exercise: ["Bench press"],
  ]

  private func completer(_ place: Completer.Place) -> Completer {
    Completer(Registry.all, place, endpoints: ["POST /user_admin/create_user", "GET /status/"]) {
      kind, beginning, _ in
      (Self.names[kind] ?? [])
        .filter { $0.lowercased().hasPrefix(beginning.lowercased()) }.map { Candidate($0, "?") }
    }
  }

  private func words(_ candidates: Candidates) -> [String]? {
    guard case .words(let found) = candidates else { return nil }
    return found.map(\.word)
  }

  @Test(arguments: [
    (["us"], ["user"]), (["user", "sh"], ["show"]),
    (["user", "show", "ad"], ["ada", "Ada Lovelace"]),
    (["user", "lock", "ada", ""], ["Ada Lovelace", "bob"]),
    (["user", "show", "ada", ""], []), (["-o", "js"], ["json", "jsonl"]),
    (["-o", "json", "user", "sh"], ["show"]), (["user", "list", "--perm"], ["--permission"]),
    (["user", "list", "--permission", ""], ["1", "2", "3"]),
    (["user", "list", "--permission=", ""], []),
    (["user", "list", "--output=cs"], ["--output=csv"]),
    (["user", "list", "--locked", "--lock"], []), (["user", "list", "--wher"], ["--where"]),
    (["user", "list", "--where", "a=b", "--wher"], ["--where"]),
    (["permission", "assign", "2", "b"], ["bob"]),
    (["permission", "check", "ada", "user"], ["user_admin/create_user"]),
    (["help", "us"], ["user"]), (["help", "user", "sh"], ["show"]),
    (["user", "show", "--", "--x"], []), (["nothing", "x"], []),
    (["user", "two-factor", "ada", "o"], ["on", "off"]),
  ])
  func whatMayStandThere(line: [String], expected: [String]) {
    let found = completer(.shell).candidates(after: line.dropLast(), for: line[line.count - 1])
    #expect(words(found) == expected)
  }

  @Test(arguments: [
    ["exercise", "import", ""], ["--config", ""], ["user", "create", "--password-file", "x"],
  ])
  func files(line: [String]) {
    let found = completer(.shell).candidates(after: line.dropLast(), for: line[line.count - 1])
    #expect(found == .files)
  }

  @Test(
    arguments: [
      ("havocctl us", "us", ["user"]), ("user show Ada\\ L", "Ada\\ L", ["Ada\\ Lovelace"]),
      ("user show 'Ada", "'Ada", ["'ada'", "'Ada Lovelace'"]),
      ("exercise show b", "b", ["Bench\\ press"]), ("\\o y", "y", ["yaml"]),
      ("\\ti", "\\ti", ["\\timing"]),
      ("beg", "beg", ["begin"]), ("", "", nil),
    ] as [(String, String, [String]?)])
  func linesOfTheREPL(line: String, word: String, expected: [String]?) throws {
    let answer = try #require(completer(.conversation).complete(line))
    #expect(line[answer.wordStart...] == word)
    let found = answer.candidates
    if let expected { #expect(found.map(\.text) == expected) } else { #expect(found.count > 15) }
  }

  @Test func settingsAreFixedInTheREPL() {
    let shell = completer(.shell).candidates(after: ["user", "list"], for: "--datab")
    let repl = completer(.conversation).candidates(after: ["user", "list"], for: "--datab")
    #expect(words(shell) == ["--database", "--database-replica", "--database-replica-lag"])
    #expect(words(repl) == [])
  }

  @Test(arguments: [
    ("havocctl user show Ada\\ L", "Ada\\ Lovelace\n"),
    ("sudo /usr/bin/havocctl user show \"Ada L", "Ada Lovelace\n"),
    ("havocctl exercise import ", ":files\n"), ("havocctl user list --output=y", "yaml\n"),
  ])
  func bashsWords(line: String, expected: String) {
    let breaks = " \t\n\"'@><=;|&(:"
    #expect(ShellCompletion(.bash, completer(.shell)).answer([line, breaks]) == expected)
  }

  @Test func describedWords() {
    let zsh = ShellCompletion(.zsh, completer(.shell)).answer(["user", "show", "b"])
    let fish = ShellCompletion(.fish, completer(.shell)).answer(["user", "show", "'b"])
    #expect(zsh == "bob\t?\n" && fish == zsh)
  }
}
