import Domain
import Testing

@testable import AdminKit

@Suite struct CommandLineTests {
  private static let registry = Registry([
    Operation(
      "user", "create", "Make an account", arguments: [Argument("USERNAME", .text, "the name")],
      options: [
        AdminKit.Option("permission", "CODE", .permission, "the code"),
        AdminKit.Option("email", "ADDRESS", .text, "the address"),
        AdminKit.Option("tag", "WORD", .text, "words", isRepeatable: true),
        AdminKit.Option("force", nil, .text, "set rules aside"),
        AdminKit.Option("until", "WHEN", .moment(.future), "when it ends"),
      ], effect: .adds
    ) { _ in },
    Operation(
      "user", "two-factor", "Turn it on or off",
      arguments: [
        Argument("USER", .user, "who"), Argument("STATE", .choice(["on", "off"]), "how"),
      ],
      effect: .changes
    ) { _ in },
    Operation(
      "user", "lock", "Lock", arguments: [Argument("USER", .user, .many, "who")], effect: .changes
    ) { _ in },
    Operation(
      "exercise", "export", "Write", arguments: [Argument("FILE", .file, .optional, "where")],
      effect: .reads
    ) { _ in },
    Operation(
      "session", "revoke", "End", arguments: [Argument("SESSION", .session, .any, "which")],
      effect: .destroys
    ) { _ in },
    Operation("version", nil, "Tell the version", effect: .standsAlone) { _ in },
  ])

  private func parse(_ line: String) throws -> ParsedCommand {
    try CommandLineParser(Self.registry).parse(line.split(separator: " ").map(String.init))
  }

  private static let sound: [(line: String, operation: String, words: [String: [String]])] = [
    ("user create ann", "user create", ["USERNAME": ["ann"]]),
    ("user lock a b c", "user lock", ["USER": ["a", "b", "c"]]),
    ("user lock -", "user lock", ["USER": ["-"]]),
    ("user two-factor ann on", "user two-factor", ["USER": ["ann"], "STATE": ["on"]]),
    ("exercise export", "exercise export", [:]),
    ("exercise export x.csv", "exercise export", ["FILE": ["x.csv"]]),
    ("session revoke", "session revoke", ["SESSION": []]), ("version", "version", [:]),
    ("user create -- --force", "user create", ["USERNAME": ["--force"]]),
    ("-o json user create ann", "user create", ["USERNAME": ["ann"]]),
    ("--limit 3 user --wide lock --yes a -- b", "user lock", ["USER": ["a", "b"]]),
    ("--database user user lock a", "user lock", ["USER": ["a"]]),
    ("user lock --help", "user lock", [:]),
  ]

  @Test(arguments: sound)
  func wordsFindTheirPlaces(
    line: String, operation: String, words: [String: [String]]
  ) throws {
    let command = try parse(line)
    #expect(command.operation?.name == operation)
    #expect(command.arguments.words == words)
  }

  @Test(arguments: [
    "-o json user create ann", "user -o json create ann", "user create -o json ann",
    "user create ann -o json", "user create ann -ojson", "user create ann --output json",
    "user create ann --output=json", "--output=json user create ann",
  ])
  func globalOptionsStandAnywhere(line: String) throws {
    let command = try parse(line)
    #expect(command.global.output == .json)
    #expect(command.operation?.name == "user create")
    #expect(command.arguments.text("USERNAME") == "ann")
  }

  @Test func optionsHaveTheirValues() throws {
    let command = try parse(
      "user create ann --email=a=b --permission 3 --tag x --tag=y --force --until 7d --tag=")
    let arguments = command.arguments
    #expect(arguments.value("email") == "a=b" && arguments.integer("permission") == 3)
    #expect(arguments.values("tag") == ["x", "y", ""] && arguments.flag("force"))
    #expect(arguments.moment("until", .future) == .span(.seconds(604_800), signed: false))
    #expect(!arguments.flag("nothing") && arguments.value("nothing") == nil)
    #expect(arguments.optional("NOTHING") == nil && arguments.list("NOTHING") == [])
  }

  @Test func settingsAndTheFile() throws {
    let command = try parse("version --database x --max-body=2M --config /etc/a.conf")
    #expect(command.settings == ["database": "x", "max-body": "2M"])
    #expect(command.configFile == "/etc/a.conf")
  }

  @Test(arguments: [("", nil), ("--help", nil), ("user --help", "user"), ("-h user", "user")])
  func helpNeedsNoVerb(line: String, noun: String?) throws {
    let command = try parse(line)
    #expect(command.operation == nil && command.noun == noun)
    #expect(command.global.help == !line.isEmpty)
  }

  private static let faults: [(line: String, message: String, hint: String?)] = [
    ("usr create", "there is no command “usr”", "did you mean user?"),
    ("xyzzyplugh", "there is no command “xyzzyplugh”", "havocctl help lists them"),
    ("user", "user wants a verb", "one of: create, two-factor, lock"),
    ("user craete ann", "user has no verb “craete”", "did you mean user create?"),
    ("user abolish", "user has no verb “abolish”", "there are: create, two-factor, lock"),
    ("user create ann --emial x", "there is no option “--emial” here", "did you mean --email?"),
    ("user lock ann --email x", "there is no option “--email” here", nil),
    ("user create ann -z", "there is no option “-z” here", nil),
    ("user create ann --email a --email b", "--email is given twice", nil),
    ("user create ann -o json --output=csv", "--output is given twice", nil),
    ("user create ann --force=yes", "--force takes no value", nil),
    ("user create ann -yes", "--yes takes no value", nil),
    ("user create ann --email", "--email wants a value: --email ADDRESS", nil),
    ("user create", "USERNAME is missing", "usage: havocctl user create USERNAME [options]"),
    ("user lock", "USER is missing", "usage: havocctl user lock USER… [options]"),
    (
      "user create ann bob", "“bob” is one word too many",
      "usage: havocctl user create USERNAME [options]"
    ),
    ("version now", "“now” is one word too many", "usage: havocctl version"),
    ("user create ann --limit x", "--limit: “x” isn't a whole number", nil),
    ("user create ann --limit -1", "--limit: a count isn't negative", nil),
    (
      "user create ann --permission ADMIN", "--permission: “ADMIN” isn't a permission code",
      "havocctl permission list"
    ),
    (
      "user create ann --until soon", "--until: “soon” isn't a time",
      "RFC 3339, a date, or a span such as 30m, 12h or 7d"
    ),
    ("user two-factor ann no", "STATE: “no” is none of on, off", "did you mean on?"),
    ("version --color sometimes", "--color: “sometimes” is none of auto, always, never", nil),
    (
      "version --where nonsense", "--where: “nonsense” isn't KEY=VALUE",
      "such as --where 'level=ADMIN'"
    ),
  ]

  @Test(arguments: faults)
  func faultsAreNamedWithAWayOut(line: String, message: String, hint: String?) {
    let failure = #expect(throws: Failure.self) { try parse(line) }
    #expect(failure?.status == .usage)
    #expect(failure?.message == message)
    if let hint { #expect(failure?.hint == hint) }
  }

  @Test func globalOptions() throws {
    let global = try parse(
      "version --columns a,b --sort a,-b --limit 0 --where a=1 --where b~2 --wide --color never "
        + "-y --confirm 4 --dry-run --no-input"
    ).global
    #expect(global.columns == ["a", "b"] && global.sort == ["a", "-b"] && global.limit == 0)
    #expect(global.filters == [Filter("a", .equal, "1"), Filter("b", .matches, "2")])
    #expect(global.wide && global.yes && global.dryRun && global.noInput)
    #expect(global.color == "never" && global.confirm == 4 && global.output == nil)
    let usual = try parse("version").global
    #expect(usual.columns == nil && usual.sort == [] && usual.limit == nil && usual.filters == [])
    #expect(!usual.wide && !usual.yes && !usual.dryRun && !usual.noInput && !usual.help)
    #expect(usual.color == "auto" && usual.confirm == nil)
  }
}

@Suite struct NearestNameTests {
  private static let names = ["user", "permission", "session", "token", "exercise", "group"]

  @Test(
    arguments: [
      ("usre", "user"), ("uesr", "user"), ("USER", "user"), ("us", "user"), ("perm", "permission"),
      ("permision", "permission"), ("sesion", "session"), ("exrcises", "exercise"),
      ("gruop", "group"), ("tokens", "token"), ("banana", nil), ("", nil), ("xx", nil),
      ("conversation", nil),
    ] as [(String, String?)])
  func whatWasMeant(word: String, expected: String?) {
    #expect(NearestName.find(word, in: Self.names) == expected)
  }

  @Test func withoutCandidates() {
    #expect(NearestName.find("user", in: []) == nil)
  }
}
