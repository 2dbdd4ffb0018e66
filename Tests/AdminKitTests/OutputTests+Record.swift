import Domain
import Postgres
import Testing

@testable import AdminKit

@Suite struct OutputRecordTests {
  @Test func oneThingHasALineForEachValue() throws {
    #expect(
      try render(accountColumns, [annRow], OutputStyle(.table), shape: .one) == """
        id        7
        username  ann
        email     -
        locked    no
        created   2026-01-02T03:04:05Z
        groups    a,b, -1, -

        """)
    let columns = [Column("id", .int), Column("text", .text)]
    #expect(
      try render(columns, [[.null, .text("")]], OutputStyle(.table, color: true), shape: .one)
        == "\u{1B}[1mid\u{1B}[0m    \u{1B}[2m-\u{1B}[0m\n\u{1B}[1mtext\u{1B}[0m\n")
  }

  @Test func linesOfATextAreIndented() throws {
    let columns = [Column("id", .int), Column("text", .text)]
    #expect(
      try render(
        columns, [[.int(1), .text("one\r\n\n\ttwo\u{1B}c\n")], [.int(2), .text("x")]],
        OutputStyle(.table), shape: .one) == """
          id    1
          text  one\\r

                \\ttwo\\x1bc

          id    2
          text  x

          """)
  }

  @Test func longTextsWrapBetweenWordsOnATerminal() throws {
    let columns = [Column("id", .int), Column("text", .text)]
    let word = String(repeating: "w", count: 50)
    let row: [Value] = [.int(1), .text("a text that is wrapped 中文中文中文 here \(word) b")]
    #expect(
      try render(columns, [row], OutputStyle(.table, width: 32), shape: .one) == """
        id    1
        text  a text that is wrapped
              中文中文中文 here
              \(word)
              b

        """)
    for style in [OutputStyle(.table), OutputStyle(.table, width: 32, wide: true)] {
      #expect(try render(columns, [row], style, shape: .one).split(separator: "\n").count == 2)
    }
  }
}
