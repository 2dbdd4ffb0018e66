import Domain
import Testing

@testable import Server

@Suite struct InputTests {
  private static let fields: [Field] = [
    Field("name", .text(longest: 10)), Field("note", .text(longest: 10), isRequired: false),
    Field("secret", .secret(longest: 10), isRequired: false),
    Field("count", .integer, isRequired: false),
    Field(
      "inner",
      .object([
        Field("name", .text(longest: 10)),
        Field("deep", .object([Field("n", .integer)]), isRequired: false),
      ]), isRequired: false),
  ]

  private func errors(_ body: String) throws -> [String] {
    do {
      _ = try Input(try FormBody(Array(body.utf8), contentType: nil), fields: Self.fields)
      return []
    } catch Refusal.invalid(let errors) {
      return errors.map(\.sentence)
    }
  }

  private static let faults: [(body: String, errors: [String])] = [
    ("{}", ["name: This field is required."]),
    (#"{"name": null}"#, ["name: This field may not be null."]),
    (#"{"name": 7}"#, ["name: Not a valid string."]),
    (#"{"name": true}"#, ["name: Not a valid string."]),
    (#"{"name": ["a"]}"#, ["name: Not a valid string."]),
    (#"{"name": "  "}"#, ["name: This field may not be blank."]),
    (#"{"name": "ab cdefghij"}"#, ["name: Ensure this field has no more than 10 bytes."]),
    (#"{"name": "üüüüüü"}"#, ["name: Ensure this field has no more than 10 bytes."]),
    (#"{"name": "a", "secret": ""}"#, ["secret: This field may not be blank."]),
    (#"{"name": "a", "secret": 1}"#, ["secret: Not a valid string."]),
    (#"{"name": "a", "count": "x"}"#, ["count: A valid integer is required."]),
    (#"{"name": "a", "count": 1.5}"#, ["count: A valid integer is required."]),
    (#"{"name": "a", "count": "9223372036854775808"}"#, ["count: A valid integer is required."]),
    (#"{"name": "a", "count": true}"#, ["count: A valid integer is required."]),
    (#"{"name": "a", "count": ""}"#, ["count: A valid integer is required."]),
    (#"{"name": "a", "inner": 1}"#, ["inner: Expected an object, or a JSON text of one."]),
    (#"{"name": "a", "inner": "{"}"#, ["inner: Expected an object, or a JSON text of one."]),
    (#"{"name": "a", "inner": {}}"#, ["inner.name: This field is required."]),
    (
      #"{"name": "a", "inner": {"name": "b", "deep": {"n": "x"}}}"#,
      ["inner.deep.n: A valid integer is required."]
    ),
    (
      #"{"count": "x", "inner": {"name": 1}}"#,
      [
        "name: This field is required.", "count: A valid integer is required.",
        "inner.name: Not a valid string.",
      ]
    ),
  ]

  @Test(arguments: faults)
  func everyFaultIsNamed(body: String, expected: [String]) throws {
    #expect(try errors(body) == expected)
  }

  @Test func whatIsSoundIsTaken() throws {
    let body = #"""
      {"name": " Ann ", "note": "", "secret": " s ", "count": " -7 ", "other": [1],
       "inner": "{\"name\": \"b\", \"deep\": {\"n\": 9}}"}
      """#
    let input = try Input(try FormBody(Array(body.utf8), contentType: nil), fields: Self.fields)
    #expect(input.required(Self.fields[0]) == "Ann" && input.text(Self.fields[1]) == "")
    #expect(input.text(Self.fields[2]) == " s ", "a secret is taken as it is")
    #expect(input.integer(Self.fields[3]) == -7)
    let inner = try #require(input.object(Self.fields[4]))
    #expect(inner.required(Field("name", .integer)) == "b")
    #expect(inner.object(Field("deep", .integer))?.integer(Field("n", .integer)) == 9)
  }

  @Test func whatMayBeLeftOutMayBeNull() throws {
    #expect(try errors(#"{"name": "a", "note": null, "count": null, "inner": null}"#) == [])
    let optional = Field("name", .text(longest: 10)).optional
    let input = try Input(FormBody(), fields: [optional])
    #expect(input.text(optional) == nil)
  }
}

@Suite struct PageTests {
  private func page(_ query: String) throws -> Page { try Page(request(.get, "/x?" + query)) }

  @Test(
    arguments: [
      ("", nil, nil), ("limit=5", 5, nil), ("after=0", nil, 0), ("limit=10000&after=7", 10_000, 7),
    ] as [(String, Int?, Int64?)])
  func isRead(query: String, limit: Int?, after: Int64?) throws {
    let page = try page(query)
    #expect(page.limit == limit && page.after == after)
    #expect(page.isWhole == (limit == nil && after == nil))
  }

  @Test(arguments: [
    "limit=0", "limit=-1", "limit=10001", "limit=x", "limit=", "limit=1.5", "after=-1", "after=x",
    "after=9223372036854775808",
  ])
  func isRefused(query: String) {
    #expect(throws: Refusal.self) { try page(query) }
  }

  private static let cuts: [(query: String, elements: [Int64], next: Int64?)] = [
    ("", [1, 3, 5, 7], nil), ("limit=2", [1, 3], 3), ("limit=2&after=3", [5, 7], nil),
    ("limit=4", [1, 3, 5, 7], nil), ("limit=9", [1, 3, 5, 7], nil), ("after=4", [5, 7], nil),
    ("limit=1&after=4", [5], 5), ("after=7", [], nil), ("after=99&limit=1", [], nil),
  ]

  @Test(arguments: cuts)
  func isCut(query: String, elements: [Int64], next: Int64?) throws {
    let cut = try page(query).cut([1, 3, 5, 7]) { $0 }
    #expect(Array(cut.elements) == elements && cut.next == next)
  }

  @Test func theLinkLeadsToTheNext() throws {
    for (query, next) in [
      ("limit=2", "limit=2&after=3"), ("limit=2&after=1", "limit=2&after=3"),
      ("a=%20b&limit=2&c", "a=%20b&c&limit=2&after=3"),
    ] {
      let link = try page(query).link(request(.get, "/x/?" + query), next: 3)
      #expect(link.name == "Link" && link.value == "</x/?\(next)>; rel=\"next\"")
    }
  }

  /// Following the links, everything comes once.
  @Test(arguments: 1...11)
  func pagesCoverEverything(limit: Int) throws {
    let all = [Int64](stride(from: 2, through: 20, by: 2))
    var seen: [Int64] = []
    var after: Int64? = 0
    while let position = after {
      let cut = try page("limit=\(limit)&after=\(position)").cut(all) { $0 }
      seen += cut.elements
      after = cut.next
    }
    #expect(seen == all)
  }
}
