import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct OutputTableTests {
  @Test func aPipeGetsAllOfIt() throws {
    #expect(
      try render(accountColumns, [annRow, bobRow], OutputStyle(.table)) == """
         id  username           email  locked  created               groups
          7  ann                -      no      2026-01-02T03:04:05Z  a,b, -1, -
        -12  Bob "the" Builder         yes     2026-01-02T03:04:05Z

        """)
    let long = String(repeating: "x", count: 5_000)
    #expect(try render(texts: [long], OutputStyle(.table)).contains(long))
  }

  @Test func colourIsBoldAndDim() throws {
    let columns = Array(accountColumns.prefix(3))
    #expect(
      try render(columns, [Array(annRow.prefix(3))], OutputStyle(.table, width: 80, color: true))
        == "\u{1B}[1mid  username  email\u{1B}[0m\n 7  ann       \u{1B}[2m-\u{1B}[0m\n")
  }

  @Test func whatATerminalObeysIsEscaped() throws {
    let text = "\u{1B}[31mred\u{7}\tx\r\ny\u{9B}2J\u{202E}z\u{1B}]0;title\u{7}"
    let shown = "\\x1b[31mred\\x07\\tx\\r⏎y\\u009b2J\\u202ez\\x1b]0;title\\x07"
    for style in [OutputStyle(.table), OutputStyle(.table, width: 200)] {
      #expect(try render(texts: [text], style) == "text\n\(shown)\n")
    }
    let columns = [Column("list", .list)]
    let list = try render(columns, [[.list([.text("\u{1B}c"), .text("b")])]], OutputStyle(.table))
    #expect(list == "list\n\\x1bc, b\n")
    #expect(!obeyed(try render(texts: manyTexts(), OutputStyle(.table))))
    let records = try render(
      [Column("text", .text)], manyTexts().map { [.text($0)] }, OutputStyle(.table), shape: .one)
    #expect(!obeyed(records))
  }

  @Test func widthsAreThoseOfTheScreen() throws {
    let names = ["ann", "中文", "e\u{301}a", "👩‍👩‍👧‍👦", "🇨🇿", "가"]
    let columns = [Column("name", .text), Column("n", .int)]
    let rows = names.enumerated().map { [Value.text($1), .int(Int64($0))] }
    #expect(
      try render(columns, rows, OutputStyle(.table)) == """
        name  n
        ann   0
        中文  1
        e\u{301}a    2
        👩‍👩‍👧‍👦    3
        🇨🇿    4
        가    5

        """)
  }

  @Test func theWidestTextGivesWayFirst() throws {
    let columns = [Column("id", .int), Column("a", .text), Column("b", .text)]
    let rows: [[Value]] = [
      [.int(12), .text("a short one"), .text("a text that is far too long to be shown whole")]
    ]
    #expect(
      try render(columns, rows, OutputStyle(.table, width: 40)) == """
        id  a            b
        12  a short one  a text that is far too…

        """)
    #expect(
      try render(columns, rows, OutputStyle(.table, width: 40, isUTF8: false))
        .hasSuffix("12  a short one  a text that is far t...\n"))
    #expect(
      try render(columns, rows, OutputStyle(.table, width: 40, wide: true))
        .hasSuffix("to be shown whole\n"))
  }

  @Test func timesGiveWayAfterTexts() throws {
    let columns = [Column("name", .text), Column("at", .time), Column("count", .int)]
    let rows: [[Value]] = [
      [.text("a name of some length"), .time(Timestamp(seconds: 0)), .int(1_234_567)]
    ]
    #expect(
      try render(columns, rows, OutputStyle(.table, width: 47)) == """
        name              at                      count
        a name of some …  1970-01-01T00:00:00Z  1234567

        """)
    #expect(
      try render(columns, rows, OutputStyle(.table, width: 40)) == """
        name                 at            count
        a name of some len…  1970-01-01  1234567

        """)
  }

  @Test func whatDoesNotFitLeavesFromTheRight() throws {
    let columns = (0..<8).map { Column("column_\($0)", .text) }
    let sink = CollectingSink()
    let renderer = makeRenderer(
      columns: columns, shape: .many, style: OutputStyle(.table, width: 40), sink: sink)
    try renderer.begin()
    #expect(renderer.hiddenColumns == [])
    try renderer.row(columns.map { .text("\($0.key) of a row") })
    try renderer.end()
    #expect(
      sink.text == """
        column_0          column_1  column_2   …
        column_0 of a r…  column_…  column_2…

        """)
    #expect(renderer.hiddenColumns == ["column_3", "column_4", "column_5", "column_6", "column_7"])
  }

  @Test func noLineIsWiderThanTheTerminal() throws {
    var generator = OutputTestGenerator()
    let rows = manyTexts().prefix(500).map { text -> [Value] in
      [
        .int(Int64.random(in: -99...99, using: &generator)), .text(text), .text(text + text),
        .bool(true), .time(Timestamp(seconds: 0)), .list([.text(text), .null]),
      ]
    }
    for width in [1, 2, 3, 4, 5, 7, 10, 16, 25, 40, 57, 80, 132] {
      for isUTF8 in [true, false] {
        let style = OutputStyle(.table, width: width, isUTF8: isUTF8)
        let lines = try render(accountColumns, rows, style).split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == rows.count + 2)
        let widest = lines.map { TextWidth.of(String($0)) }.max() ?? 0
        #expect(widest <= width)
      }
    }
  }

  @Test func rowsStreamOnceWidthsAreKnown() throws {
    let sink = CollectingSink()
    let columns = [Column("n", .int), Column("text", .text)]
    let renderer = makeRenderer(
      columns: columns, shape: .many, style: OutputStyle(.table, width: 20), sink: sink)
    for number in 0..<TableRenderer.sampleRows {
      try renderer.row([.int(Int64(number)), .text("short")])
      #expect(sink.bytes.isEmpty)
    }
    try renderer.row([.int(10_000_000_000_000), .text("longer than the others")])
    for number in 0..<100_000 { try renderer.row([.int(Int64(number % 10)), .text("x")]) }
    #expect(sink.bytes.count > 500_000)
    try renderer.end()
    let lines = sink.text.split(separator: "\n")
    #expect(lines.count == 1 + TableRenderer.sampleRows + 1 + 100_000)
    #expect(lines[1] == "  0  short")
    // The number is whole, and the line no wider than the terminal.
    #expect(lines[1_001] == "10000000000000  lon…")
    #expect(lines.last == "  9  x")
  }

  @Test func flushShowsWhatThereIs() throws {
    for format in OutputFormat.allCases {
      let sink = CollectingSink()
      let renderer = makeRenderer(
        columns: accountColumns, shape: .many, style: OutputStyle(format), sink: sink)
      try renderer.begin()
      try renderer.row(annRow)
      #expect(sink.bytes.isEmpty)
      try renderer.flush()
      #expect(sink.text.contains("ann"))
      try renderer.row(bobRow)
      try renderer.flush()
      #expect(sink.text.contains("Builder"))
      try renderer.end()
      if format != .table {
        #expect(sink.text == (try render(accountColumns, [annRow, bobRow], OutputStyle(format))))
      }
    }
  }
}
