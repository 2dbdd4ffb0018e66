import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct OutputCSVAndYAMLTests {
  // MARK: CSV

  @Test func csvQuotesWhereItMust() throws {
    #expect(
      try render(accountColumns, [annRow, bobRow], OutputStyle(.csv)) == """
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
      try render(accountColumns, [annRow, bobRow], OutputStyle(.yaml)) == """
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
    let columns = Array(accountColumns.prefix(2)) + [Column("on", .bool), Column("a b", .bool)]
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
    "Off", "a\u{2028}b", "é\u{9B}", ".inf", "'a'", "\u{FEFF}a", "a,b", "a\u{A0}", "\u{3000}a",
  ]) func yamlQuotesTheOthers(_ text: String) throws {
    let output = try render(texts: [text], OutputStyle(.yaml))
    let quoted = output.dropFirst("- text: ".count).dropLast()
    #expect(quoted.first == "\"")
    #expect(try JSON.parse(Array(quoted.utf8)) == .string(text))
  }
}
