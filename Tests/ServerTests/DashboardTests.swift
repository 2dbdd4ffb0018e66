import AdminKit
import Domain
import Testing

@testable import Server

@Suite struct DashboardTests {
  private static let registry = Registry.all

  /// A list's address has names of its own beside those of the operation's options.
  @Test(arguments: Resource.all.map(\.noun))
  func namesInAnAddressMeanOneThing(noun: String) throws {
    let list = try #require(Self.registry.find(noun, "list"))
    let form = try #require(OperationForm(list))
    let own: Set = [
      "q", "sort", "columns", "limit", "where", "next", "previous", "count", "column",
      "comparison", "value", "done", "rows", "return", "confirm", "version", "csrf",
    ]
    #expect(own.isDisjoint(with: form.fields.map(\.name)))
  }

  @Test(arguments: Resource.all.map(\.noun))
  func whatTellsThingsApartIsInTheList(noun: String) throws {
    let resource = try #require(Self.registry.resource(of: noun))
    let keys = resource.listing.fields.map(\.column.key)
    for key in [resource.key, resource.word] + (resource.columns ?? []) {
      #expect(keys.contains(key), "\(key)")
    }
    if let shortcut = resource.shortcut {
      let operation = try #require(Self.registry.find(noun, shortcut))
      #expect(Self.registry.argument(of: operation, for: resource) != nil)
    }
    // A thing's address and an operation's are alike.
    #expect(Self.registry.verbs(of: noun).allSatisfy { Int($0.verb ?? "") == nil })
  }

  @Test(arguments: ["db", "config", "serve", "repl", "doctor", "completion", "status", "help"])
  func theMachinesOwnIsNotOffered(noun: String) {
    for operation in Self.registry.verbs(of: noun) { #expect(OperationForm(operation) == nil) }
  }

  @Test(arguments: [
    "user import", "user export", "user ensure", "exercise import", "exercise export",
    "conversation show", "integers show", "audit tail",
  ])
  func whatIsTheCommandLinesStaysThere(name: String) throws {
    let operation = try #require(Self.registry.operations.first { $0.name == name })
    #expect(OperationForm(operation) == nil)
  }

  @Test func aPagesEndIsReadBack() {
    let cursor: ListPage.Cursor = ["Zoë \"x\"", nil, "7", ""]
    let text = ListAsked.text(of: cursor) ?? ""
    let asked = ListAsked(["next": [text]])
    #expect(asked.page.cursor == cursor)
    #expect(asked.page.direction == .forward)
    #expect(ListAsked(["previous": ["!!"]]).page.cursor == nil)
    #expect(ListAsked(["limit": ["0"]]).limit == 1)
    #expect(ListAsked(["limit": ["99999999999999999999"]]).limit == ListAsked.usualLimit)
    #expect(ListAsked(["limit": ["1000"]]).limit == 200)
  }

  @Test(
    arguments: [
      (0, "0"), (999, "999"), (1_000, "1k"), (1_550, "1.5k"), (25_000, "25k"),
      (1_000_000, "1M"), (2_345_678_901, "2.3G"),
    ] as [(Int64, String)])
  func aScaleIsShort(value: Int64, expected: String) {
    #expect(Chart.short(value) == expected)
  }

  @Test(
    arguments: [
      [], [nil, nil], [0], [nil, 5, nil, 7, 8], [.max, 0],
    ] as [[Int64?]])
  func aChartIsDrawnOfAnything(values: [Int64?]) {
    let chart = Chart(
      title: "T", series: [.init(name: "S", values: values)], times: ["a", "b", "c"])
    let text = String(decoding: chart.html.bytes, as: UTF8.self)
    let stretches = values.split(separator: nil).count
    #expect(text.components(of: "<polyline").count == stretches)
  }
}

extension String {
  fileprivate func components(of part: String) -> [Range<String.Index>] { ranges(of: part) }
}
