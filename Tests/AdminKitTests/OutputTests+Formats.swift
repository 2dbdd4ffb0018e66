import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct OutputFormatTests {
  // MARK: JSON

  @Test func jsonOfManyHasAnObjectOnEachLine() throws {
    #expect(
      try render(people, [ann, bob], OutputStyle(.json)) == """
        [
          {"id": 7, "username": "ann", "email": null, "locked": false, \
        "created": "2026-01-02T03:04:05.678901Z", "groups": ["a,b",-1,null]},
          {"id": -12, "username": "Bob \\"the\\" Builder", "email": "", "locked": true, \
        "created": "2026-01-02T03:04:05Z", "groups": []}
        ]

        """)
  }

  @Test func jsonOfOneHasAValueOnEachLine() throws {
    #expect(
      try render(people, [ann], OutputStyle(.json), shape: .one) == """
        {
          "id": 7,
          "username": "ann",
          "email": null,
          "locked": false,
          "created": "2026-01-02T03:04:05.678901Z",
          "groups": ["a,b",-1,null]
        }

        """)
  }

  @Test func jsonLinesAreShort() throws {
    #expect(
      try render(people, [ann, bob], OutputStyle(.jsonl)) == """
        {"id":7,"username":"ann","email":null,"locked":false,\
        "created":"2026-01-02T03:04:05.678901Z","groups":["a,b",-1,null]}
        {"id":-12,"username":"Bob \\"the\\" Builder","email":"","locked":true,\
        "created":"2026-01-02T03:04:05Z","groups":[]}

        """)
  }

  @Test(arguments: [OutputFormat.json, .jsonl]) func jsonReadsBack(_ format: OutputFormat) throws {
    // Without NUL, which `JSON` refuses, as PostgreSQL does.
    let texts = manyTexts().map { $0.filter { $0 != "\0" } }
    let output = try render(texts: texts, OutputStyle(format))
    let lines = output.split(separator: "\n")
    let objects =
      switch format {
      case .json: try #require(try JSON.parse(Array(output.utf8)).array)
      default: try lines.map { try JSON.parse(Array($0.utf8)) }
      }
    #expect(objects.map { $0["text"]?.string } == texts)
    #expect(lines.count == texts.count + (format == .json ? 2 : 0))
    #expect(!obeyed(output))
  }

  @Test func jsonEscapesWhatATerminalObeys() throws {
    let text = "\u{0}\u{8}\t\n\r\u{1B}[2J\u{7F}\u{9B}\u{2028}\u{202E}\u{2066}\u{FEFF}\\\"é中"
    #expect(
      try render(texts: [text], OutputStyle(.jsonl)) == #"{"text":"\u0000\u0008\t\n\r\u001b[2J"#
        + #"\u007f\u009b\u2028\u202e\u2066\ufeff\\\"é中"}"# + "\n")
  }

  // MARK: Plain and name

  @Test func plainIsTabSeparated() throws {
    #expect(
      try render(people, [ann, bob], OutputStyle(.plain)) == """
        7\tann\t\tfalse\t2026-01-02T03:04:05.678901Z\t["a,b",-1,null]
        -12\tBob "the" Builder\t\ttrue\t2026-01-02T03:04:05Z\t[]

        """)
    #expect(
      try render(texts: ["a\tb\nc\rd\\e\u{1B}\u{9B}"], OutputStyle(.plain))
        == #"a\tb\nc\rd\\e\x1b\xc2\x9b"# + "\n")
  }

  @Test func plainReadsBack() throws {
    let texts = manyTexts()
    let rows = texts.map { [Value.text($0), .null, .text($0)] }
    let columns = [Column("a", .text), Column("b", .text), Column("c", .text)]
    let output = try render(columns, rows, OutputStyle(.plain))
    #expect(!obeyed(output))
    let found = output.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
      .map { $0.split(separator: 0x09, omittingEmptySubsequences: false).map(unescaped) }
    #expect(found == texts.map { [$0, "", $0] })
  }

  @Test func nameIsTheFirstTextUnlessAnotherIsAskedFor() throws {
    #expect(try render(people, [ann, bob], OutputStyle(.name)) == "ann\nBob \"the\" Builder\n")
    let style = OutputStyle(.name, nameColumn: "id")
    #expect(try render(people, [ann, bob], style) == "7\n-12\n")
    #expect(try render([people[0]], [[.int(3)]], style) == "3\n")
    #expect(try render([people[0]], [[.int(3)]], OutputStyle(.name, nameColumn: "x")) == "3\n")
    #expect(try render(texts: ["a\\b", "c\nd"], OutputStyle(.name)) == "a\\b\nc\\nd\n")
  }

  // MARK: CSV

  @Test func csvQuotesWhereItMust() throws {
    #expect(
      try render(people, [ann, bob], OutputStyle(.csv)) == """
        id,username,email,locked,created,groups
        7,ann,,false,2026-01-02T03:04:05.678901Z,"[""a,b"",-1,null]"
        -12,"Bob ""the"" Builder","",true,2026-01-02T03:04:05Z,[]

        """)
    #expect(
      try render(texts: ["a\nb", "a\rb", " a", "a\t", "a b", "'"], OutputStyle(.csv))
        == "text\n\"a\nb\"\n\"a\rb\"\n\" a\"\n\"a\t\"\na b\n'\n")
    let odd = [Column("a,b", .int), Column("c", .int)]
    #expect(try render(odd, [], OutputStyle(.csv)) == "\"a,b\",c\n")
  }

  @Test func csvReadsBack() throws {
    let texts = manyTexts()
    let rows = texts.map { [Value.text($0), .null, .text($0)] }
    let columns = [Column("a", .text), Column("b", .text), Column("c", .text)]
    let found = readCSV(try render(columns, rows, OutputStyle(.csv)))
    #expect(found == [["a", "b", "c"]] + texts.map { [$0, nil, $0] })
  }

  @Test func csvIsRawForProgramsAndEscapedForATerminal() throws {
    let text = "\u{1B}[31m\u{9B}a\tb\nc\rd"
    #expect(try render(texts: [text], OutputStyle(.csv)) == "text\n\"\(text)\"\n")
    #expect(
      try render(texts: [text], OutputStyle(.csv, width: 80))
        == "text\n\"\\x1b[31m\\u009ba\tb\nc\\rd\"\n")
  }

  // MARK: YAML

  @Test func yamlOfManyIsASequence() throws {
    #expect(
      try render(people, [ann, bob], OutputStyle(.yaml)) == """
        - id: 7
          username: ann
          email: null
          locked: false
          created: "2026-01-02T03:04:05.678901Z"
          groups: ["a,b",-1,null]
        - id: -12
          username: "Bob \\"the\\" Builder"
          email: ""
          locked: true
          created: "2026-01-02T03:04:05Z"
          groups: []

        """)
  }

  @Test func yamlOfOneIsAMapping() throws {
    let columns = Array(people.prefix(2)) + [Column("on", .bool), Column("a b", .bool)]
    let row: [Value] = [.int(1), .text("é – x"), .bool(true), .null]
    #expect(
      try render(columns, [row], OutputStyle(.yaml), shape: .one)
        == "id: 1\nusername: é – x\n\"on\": true\na b: null\n")
  }

  @Test(arguments: [
    "ann", "O'Neil", "a b", "ann@example.org", "a/b", "Ünïcode", "中文", "yesterday", "nullable",
    "e1", "a-b", "a.b", "_", "a+b", "👩‍👩‍👧‍👦",
  ]) func yamlLeavesClearTextsAlone(_ text: String) throws {
    #expect(try render(texts: [text], OutputStyle(.yaml)) == "- text: \(text)\n")
  }

  @Test(arguments: [
    "", " ", "true", "True", "NO", "null", "~", "12", "1e3", "0x10", "-", "- a", "a: b", "a #b",
    "a ", " a", "2026-01-02", "12:30", "a\nb", "=", "<<", "[a]", "{a}", "@a", "&a", "*a", "!a", "y",
    "Off", "a\u{2028}b", "é\u{9B}", ".inf", "'a'", "\u{FEFF}a", "a,b",
  ]) func yamlQuotesTheOthers(_ text: String) throws {
    let output = try render(texts: [text], OutputStyle(.yaml))
    let quoted = output.dropFirst("- text: ".count).dropLast()
    #expect(quoted.first == "\"")
    #expect(try JSON.parse(Array(quoted.utf8)) == .string(text))
  }

  // MARK: All

  @Test func nothingAtAll() throws {
    let empty: [(OutputFormat, many: String, one: String)] = [
      (.json, "[]\n", "null\n"), (.jsonl, "", ""), (.yaml, "[]\n", "null\n"), (.plain, "", ""),
      (.name, "", ""), (.csv, "id,username\n", "id,username\n"), (.table, "id  username\n", ""),
    ]
    #expect(Set(empty.map(\.0)) == Set(OutputFormat.allCases))
    for (format, many, one) in empty {
      let columns = Array(people.prefix(2))
      #expect(try render(columns, [], OutputStyle(format)) == many)
      #expect(try render(columns, [], OutputStyle(format), shape: .one) == one)
    }
  }

  @Test func timesAreWrittenAsTimestampSaysThem() {
    var generator = TestGenerator()
    let day: Int64 = 86_400_000_000
    let edges: [Int64] = [
      0, -1, 1, 999_999, 1_000_000, -day, day - 1, 951_782_400_000_000, 951_868_800_000_000,
      -62_167_219_200_000_000, -62_167_219_200_000_001, 253_402_300_799_999_999,
      253_402_300_800_000_000, .max, .min,
    ]
    let years: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
    let random = (0..<20_000).map { _ in Int64.random(in: years, using: &generator) }
    for microseconds in edges + random {
      let time = Timestamp(microseconds: microseconds)
      var bytes: [UInt8] = []
      bytes.append(time: time)
      #expect(String(decoding: bytes, as: UTF8.self) == time.rfc3339)
    }
  }

  @Test func integersAreWrittenWhole() throws {
    for value in [0, 9, 10, -1, -10, .max, .min, 1_234_567_890_123 as Int64] {
      #expect(try render([people[0]], [[.int(value)]], OutputStyle(.plain)) == "\(value)\n")
    }
  }
}

/// Whether a terminal, or a reader of lines, would do something at a character other than a newline
/// or a tab.
func obeyed(_ text: String) -> Bool {
  text.unicodeScalars.contains { scalar in
    scalar.value < 0x20 && scalar != "\n" && scalar != "\t"
      || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value) || scalar == "\u{FEFF}"
  }
}
