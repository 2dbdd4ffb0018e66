import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct OutputFormatTests {
  // MARK: JSON

  @Test func jsonOfManyHasAnObjectOnEachLine() throws {
    #expect(
      try render(accountColumns, [annRow, bobRow], OutputStyle(.json)) == """
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
      try render(accountColumns, [annRow], OutputStyle(.json), shape: .one) == """
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
      try render(accountColumns, [annRow, bobRow], OutputStyle(.jsonl)) == """
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
      try render(accountColumns, [annRow, bobRow], OutputStyle(.plain)) == """
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
    #expect(
      try render(accountColumns, [annRow, bobRow], OutputStyle(.name))
        == "ann\nBob \"the\" Builder\n")
    let style = OutputStyle(.name, nameColumn: "id")
    #expect(try render(accountColumns, [annRow, bobRow], style) == "7\n-12\n")
    #expect(try render([accountColumns[0]], [[.int(3)]], style) == "3\n")
    #expect(
      try render([accountColumns[0]], [[.int(3)]], OutputStyle(.name, nameColumn: "x")) == "3\n")
    #expect(try render(texts: ["a\\b", "c\nd"], OutputStyle(.name)) == "a\\b\nc\\nd\n")
  }

  // MARK: All

  @Test func nothingAtAll() throws {
    let empty: [(OutputFormat, many: String, one: String)] = [
      (.json, "[]\n", "null\n"), (.jsonl, "", ""), (.yaml, "[]\n", "null\n"), (.plain, "", ""),
      (.name, "", ""), (.csv, "id,username\n", "id,username\n"), (.table, "id  username\n", ""),
    ]
    #expect(Set(empty.map(\.0)) == Set(OutputFormat.allCases))
    for (format, many, one) in empty {
      let columns = Array(accountColumns.prefix(2))
      #expect(try render(columns, [], OutputStyle(format)) == many)
      #expect(try render(columns, [], OutputStyle(format), shape: .one) == one)
    }
  }

  @Test func timesAreWrittenAsTimestampSaysThem() {
    var generator = OutputTestGenerator()
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
      #expect(try render([accountColumns[0]], [[.int(value)]], OutputStyle(.plain)) == "\(value)\n")
    }
  }
}
