import Postgres
import Testing

@testable import Domain

@Suite struct MomentTests {
  private static let now = Timestamp(seconds: 1_000_000_000)

  private static let spans: [(text: String, past: Int64, future: Int64)] = [
    ("30s", -30, 30), ("5m", -300, 300), ("12h", -43_200, 43_200), ("7d", -604_800, 604_800),
    ("2w", -1_209_600, 1_209_600), ("0s", 0, 0), ("-2w", -1_209_600, -1_209_600),
    ("+1h", 3_600, 3_600), ("36600d", -3_162_240_000, 3_162_240_000),
  ]

  @Test(arguments: spans)
  func aSpanLooksTheWayThatIsAsked(text: String, past: Int64, future: Int64) throws {
    let moment = try #require(Moment(text))
    #expect(moment.resolved(.past, now: Self.now).seconds == 1_000_000_000 + past)
    #expect(moment.resolved(.future, now: Self.now).seconds == 1_000_000_000 + future)
  }

  @Test(arguments: ["2026-01-02", "2026-01-02T00:00:00Z", "2026-01-02T01:00:00+01:00"])
  func aTimeIsItself(text: String) throws {
    let moment = try #require(Moment(text))
    for direction in [Moment.Direction.past, .future] {
      #expect(moment.resolved(direction, now: Self.now).rfc3339 == "2026-01-02T00:00:00Z")
    }
  }

  @Test(arguments: [
    "", "d", "7", "7x", "7 d", " 7d", "7d ", "d7", "1.5h", "--7d", "+-7d", "+", "-d", "٧d", "7D",
    "36601d", "9223372036854775807w", "-9223372036854775808s", "99999999999999999999d", "-36601d",
    "tomorrow",
  ])
  func isRefused(text: String) {
    #expect(Moment(text) == nil)
  }
}

@Suite struct FilterTests {
  @Test(arguments: [
    ("a=b", Filter("a", .equal, "b")), ("a!=b", Filter("a", .notEqual, "b")),
    ("a<1", Filter("a", .less, "1")), ("a>1", Filter("a", .greater, "1")),
    ("a~^x=y$", Filter("a", .matches, "^x=y$")), ("a=", Filter("a", .equal, "")),
    ("is_42==", Filter("is_42", .equal, "=")), ("a= b ", Filter("a", .equal, " b ")),
  ])
  func isRead(text: String, expected: Filter) {
    #expect(Filter(text) == expected)
  }

  @Test(arguments: ["", "a", "=b", "a b=c", "a!b", "!=", "a;b=c", " a=b"])
  func isRefused(text: String) {
    #expect(Filter(text) == nil)
  }
}

@Suite struct ListingTests {
  private static let listing = Listing(
    from: "thing t", order: ["id"], searched: [.number("t.id"), .beginning("t.key")],
    [
      .init("id", .int, "t.id"), .init("name", .text, "t.name"), .init("open", .bool, "t.open"),
      .init("made", .time, "t.made"), .init("tags", .list, "t.tags", wide: true),
    ])

  private func query(_ change: (inout ListRequest) -> Void) throws -> ListQuery {
    var request = ListRequest()
    change(&request)
    return try Self.listing.query(request)
  }

  @Test func theUsualColumnsTheWideAndTheChosen() throws {
    #expect(try query { _ in }.columns.map(\.key) == ["id", "name", "open", "made"])
    #expect(try query { $0.wide = true }.columns.map(\.key).last == "tags")
    let chosen = try query { $0.columns = ["tags", "id"] }
    #expect(chosen.columns.map(\.key) == ["tags", "id"])
    #expect(chosen.sql == "SELECT t.tags, t.id FROM thing t ORDER BY t.id")
  }

  @Test func sortingAndLimits() throws {
    let sorted = try query {
      $0.columns = ["id"]
      $0.sort = ["name", "-made"]
      $0.limit = 3
    }
    #expect(
      sorted.sql
        == "SELECT t.id FROM thing t ORDER BY t.name, t.made DESC NULLS LAST, t.id DESC NULLS LAST LIMIT 3"
    )
    #expect(sorted.parameters == [])
  }

  private static let filters: [(Filter, String, Parameter?)] = [
    (Filter("id", .equal, "7"), "t.id = $1::bigint", .int(7)),
    (Filter("id", .notEqual, "-7"), "t.id IS DISTINCT FROM $1::bigint", .int(-7)),
    (Filter("name", .less, "x"), "t.name < $1::text", .text("x")),
    (Filter("open", .equal, "Yes"), "t.open = $1::boolean", .bool(true)),
    (Filter("open", .equal, "0"), "t.open = $1::boolean", .bool(false)),
    (
      Filter("made", .greater, "2026-01-02"), "t.made > $1::timestamptz",
      .time(Timestamp(seconds: 1_767_312_000))
    ),
    (Filter("id", .matches, "^1"), "(t.id)::text ~ $1::text", .text("^1")),
    (Filter("made", .equal, ""), "(t.made IS NULL)", nil),
    (Filter("made", .notEqual, ""), "(t.made IS NOT NULL)", nil),
  ]

  @Test(arguments: filters)
  func aFilterIsACondition(filter: Filter, condition: String, parameter: Parameter?) throws {
    let made = try query {
      $0.columns = ["id"]
      $0.filters = [filter]
    }
    #expect(made.sql == "SELECT t.id FROM thing t WHERE (\(condition)) ORDER BY t.id")
    #expect(made.parameters == (parameter.map { [$0] } ?? []))
  }

  @Test func placeholdersAreNumberedThroughout() throws {
    let made = try query {
      $0.columns = ["id"]
      $0.conditions = [Condition("t.a = ? OR t.b = ?", .int(1), .int(2))]
      $0.filters = [Filter("id", .greater, "3"), Filter("name", .equal, "4")]
      $0.limit = 5
    }
    #expect(
      made.sql == """
        SELECT t.id FROM thing t WHERE (t.a = $1 OR t.b = $2) AND (t.id > $3::bigint) \
        AND (t.name = $4::text) ORDER BY t.id LIMIT 5
        """)
    #expect(made.parameters == [.int(1), .int(2), .int(3), .text("4")])
  }

  /// Whatever somebody writes, it never becomes part of the statement.
  @Test(arguments: ["'; DROP TABLE t; --", "$1", "?", "\" OR 1=1", "\\", "a'b"])
  func noTextOfTheUsersStandsInTheStatement(text: String) throws {
    for comparison in Filter.Comparison.allCases {
      let made = try query { $0.filters = [Filter("name", comparison, text)] }
      let harmless = try query { $0.filters = [Filter("name", comparison, "harmless")] }
      #expect(made.sql == harmless.sql)
      #expect(made.parameters == [.text(text)])
    }
    for change in [
      { $0.columns = [text] }, { $0.sort = [text] }, { $0.sort = ["-" + text] },
      { $0.filters = [Filter(text, .equal, "1")] },
    ] as [(inout ListRequest) -> Void] {
      #expect(throws: Refusal.self) { try query(change) }
    }
  }

  @Test(arguments: [
    Filter("id", .equal, "x"), Filter("id", .less, "1.5"), Filter("open", .equal, "maybe"),
    Filter("made", .greater, "soon"), Filter("id", .equal, "9223372036854775808"),
  ])
  func aValueThatIsNoneIsRefused(filter: Filter) {
    let refusal = #expect(throws: Refusal.self) { try query { $0.filters = [filter] } }
    #expect(refusal?.message.contains("“\(filter.value)”") == true)
  }

  // MARK: Parts

  @Test func aPartBeginsBehindWhatTheLastOneEndedWith() throws {
    let made = try query {
      $0.columns = ["name"]
      $0.sort = ["-made"]
      $0.page = ListPage(.forward, ["2026-01-02", "7"])
      $0.limit = 3
    }
    #expect(
      made.sql
        == """
        SELECT t.name, (t.made)::text, (t.id)::text FROM thing t \
        WHERE (((((t.made < $1::text::timestamptz OR t.made IS NULL)) \
        OR (t.made = $2::text::timestamptz AND (t.id < $3::text::bigint OR t.id IS NULL))))) \
        ORDER BY t.made DESC NULLS LAST, t.id DESC NULLS LAST LIMIT 3
        """)
    #expect(made.columns.map(\.isCursor) == [false, true, true])
  }

  @Test func aPartIsReadBackwards() throws {
    let made = try query {
      $0.columns = ["name"]
      $0.sort = ["-made"]
      $0.page = ListPage(.backward, nil)
    }
    #expect(made.sql.hasSuffix(" ORDER BY t.made NULLS FIRST, t.id NULLS FIRST"))
  }

  @Test(arguments: [[], ["1"], ["1", "2", "3"]] as [ListPage.Cursor])
  func aPartOfAnotherListIsRefused(cursor: ListPage.Cursor) {
    #expect(throws: Refusal.self) {
      try query {
        $0.sort = ["-made"]
        $0.page = ListPage(.forward, cursor)
      }
    }
  }

  @Test func aSearchLooksWhereItMayFindSomething() throws {
    let name = try query { $0.search = "50%_\\ Ä" }
    #expect(name.sql.contains("WHERE ((t.key LIKE $1::text))"))
    #expect(name.parameters == [.text("50\\%\\_\\\\ ä%")])
    #expect(
      try query { $0.search = "7" }.sql.contains("(t.id = $1::bigint OR t.key LIKE $2::text)"))
  }
}
