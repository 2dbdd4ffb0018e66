import Testing

@testable import Domain

@Suite struct UnitCollectorTests {
  @Test(arguments: [0, 1, 2, 4_095, 4_096, 4_097, 30_000])
  func anyOrderGivesTheSame(count: Int) async throws {
    var dice = Dice(UInt64(count) + 1)
    let sorted = units(count, gap: 3, &dice)
    var nearly = sorted
    if count > 5_000 { nearly.swapAt(100, 4_900) }
    for order in [sorted, sorted.reversed(), sorted.shuffled(using: &dice), nearly] {
      let chunks = try await packed(order)
      #expect(chunks.units == sorted)
      // All but the last are full, which is how a chunk is found by its number.
      #expect(chunks.dropLast().allSatisfy { $0.count == UnitBlock.size })
      #expect(chunks.allSatisfy { $0.last == $0.block.indexes.last })
    }
  }

  @Test(arguments: [[5, 5], [5, 6, 5], [5, 4, 5]])
  func aDoubledIndexIsRefused(indexes: [Int64]) async {
    let fault = await #expect(throws: UnitFault.self) {
      _ = try await packed(indexes.map { IntegerUnit(index: $0, x: 0, q: 0) })
    }
    #expect(fault?.message == "Index 5 stands twice.")
  }

  /// The two are packed in different runs, and meet only when these are merged.
  @Test func aDoubledIndexFarApartIsRefused() async {
    var all = (0..<10_000).map { IntegerUnit(index: $0, x: 0, q: 0) }
    all.append(IntegerUnit(index: 77, x: 1, q: 1))
    let order = all
    let fault = await #expect(throws: UnitFault.self) { _ = try await packed(order) }
    #expect(fault?.message == "Index 77 stands twice.")
  }

  @Test func aNegativeIndexIsRefused() async {
    await #expect(throws: UnitFault.self) {
      _ = try await packed([IntegerUnit(index: -1, x: 0, q: 0)])
    }
  }

  @Test func aMillionAreTakenAndNoMore() async throws {
    var collector = UnitCollector()
    for index in 0..<Int64(UnitCollector.most) {
      try collector.append(IntegerUnit(index: index, x: 0, q: 0))
    }
    #expect(throws: UnitFault.self) {
      try collector.append(IntegerUnit(index: .max, x: 0, q: 0))
    }
    #expect(try await collector.finish {}.reduce(0) { $0 + $1.count } == UnitCollector.most)
  }

  @Test func unitsAreWrittenAsJSON() {
    var text = UnitText()
    let all = block([
      IntegerUnit(index: 0, x: .min, q: .max), IntegerUnit(index: .max, x: -1, q: 10),
      IntegerUnit(index: 99, x: 100, q: 1_234_567_890_123),
    ])
    text.append(all, 0..<1)
    text.append(all, 1..<1)
    text.append(all, 1..<3)
    #expect(
      String(decoding: text.take(), as: UTF8.self) == """
        {"index":0,"X":-9223372036854775808,"q":9223372036854775807},\
        {"index":9223372036854775807,"X":-1,"q":10},\
        {"index":99,"X":100,"q":1234567890123}
        """)
    #expect(text.bytes.isEmpty)
  }

  /// Each length of number at its borders.
  @Test func everyLengthOfNumberIsWritten() throws {
    var numbers: [Int64] = [0, .max, .min]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      numbers += [power - 1, power, power + 1, -power, 1 - power]
    }
    var text = UnitText()
    text.append(block(numbers.map { IntegerUnit(index: 1, x: $0, q: 0) }), 0..<numbers.count)
    let json = try JSON.parse(Array("[".utf8) + text.take() + Array("]".utf8))
    #expect(json.array?.compactMap { $0["X"]?.int } == numbers)
  }
}
