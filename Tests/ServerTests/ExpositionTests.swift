import Testing

@testable import Server

@Suite struct ExpositionTests {
  private func page(_ body: (inout Exposition) -> Void) -> String {
    var exposition = Exposition()
    body(&exposition)
    return String(decoding: exposition.bytes, as: UTF8.self)
  }

  @Test func aFigureHasItsHelpAndItsType() {
    #expect(
      page { $0.add("x_total", .counter, "What it is.", 7) } == """
        # HELP x_total What it is.
        # TYPE x_total counter
        x_total 7

        """)
    #expect(page { $0.add("x", .gauge, "H.", [(labels: Exposition.Labels, value: Int)]()) } == "")
  }

  @Test(arguments: [
    ("plain", "plain"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#),
  ])
  func aLabelCantEndItsLine(value: String, expected: String) {
    let text = page { $0.add("x", .gauge, "H.", [(["k": value, "l": "m"], 0.5)]) }
    #expect(text.hasSuffix("\nx{k=\"\(expected)\",l=\"m\"} 0.5\n"))
  }

  @Test(arguments: [(0.0, "0"), (2.0, "2"), (0.25, "0.25"), (-3.0, "-3")])
  func aWholeFigureHasNoFraction(value: Double, expected: String) {
    #expect(value.figure == expected)
  }

  @Test func bucketsCountWhatIsBelowThem() {
    var histogram = Histogram([1_000, 500_000])
    for microseconds in [1, 1_000, 1_001, 2_000_000] { histogram.add(UInt64(microseconds)) }
    var other = Histogram([1_000, 500_000])
    other.add(10)
    histogram.add(other)
    #expect(
      page { $0.add("t", "H.", [(labels: [:], value: histogram)]) } == """
        # HELP t H.
        # TYPE t histogram
        t_bucket{le="0.001"} 3
        t_bucket{le="0.5"} 4
        t_bucket{le="+Inf"} 5
        t_sum 2.002012
        t_count 5

        """)
  }

  @Test func requestsOfAllLoopsTogether() throws {
    var one = RequestCounters(routes: 3)
    one.add(.get, 2, status: 200, microseconds: 100)
    one.add(.get, 2, status: 404, microseconds: 100)
    one.add(nil, nil, status: 501, microseconds: 0)
    var other = RequestCounters(routes: 3)
    other.add(.get, 2, status: 200, microseconds: 300)
    other.add(.query, nil, status: 404, microseconds: 5)
    one.add(other)
    let counted = one.counted
    #expect(counted.map(\.route) == [nil, nil, 2])
    #expect(counted.map(\.method) == [.query, nil, .get])
    let get = try #require(counted.last?.entry)
    #expect(get.statuses.map { "\($0.status): \($0.count)" } == ["200: 2", "404: 1"])
    #expect(get.duration.sum == 500 && get.duration.count == 3)
  }

  @Test func everyMethodHasAPlaceOfItsOwn() {
    #expect(Method.allCases.map(\.number) == Array(Method.allCases.indices))
  }
}
