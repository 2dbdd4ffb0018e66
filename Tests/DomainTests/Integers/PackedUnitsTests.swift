import Testing

@testable import Domain

@Suite struct PackedUnitsTests {
  private static let extremes: [ClosedRange<Int64>] = [
    0...0, 7...7, 0...255, -1...255, 0...65_535, -40_000...40_000, 0...4_294_967_295,
    Int64.min...Int64.max, Int64.max - 3...Int64.max, Int64.min...Int64.min + 3,
  ]

  @Test(arguments: extremes, [1, 2, 255, 4_096])
  func comeBack(values: ClosedRange<Int64>, count: Int) throws {
    var dice = Dice(UInt64(count))
    for gap in [0, 1, 200, 70_000, 5_000_000_000] as [Int64] {
      let all = block(units(count, from: gap, gap: gap, values: values, &dice))
      let packed = PackedUnits(all)
      #expect(packed.block == all)
      #expect(packed.count == count)
      #expect(packed.first == all.indexes[0])
      #expect(packed.last == all.indexes[count - 1])
      #expect(PackedUnits(packed.bytes, last: packed.last)?.block == all)
    }
  }

  @Test func takeAsFewBytesAsTheirWidestValueNeeds() {
    let narrow = block((0..<4_096).map { IntegerUnit(index: $0, x: 1_000_000 + $0 % 200, q: 5) })
    // Indexes without gaps and a single q cost nothing; X a byte.
    #expect(PackedUnits(narrow).bytes.count == 32 + 4_096)
    let wide = block([
      IntegerUnit(index: 0, x: .min, q: .max), IntegerUnit(index: .max, x: .max, q: .min),
    ])
    #expect(PackedUnits(wide).bytes.count == 32 + 2 * 24)
  }

  @Test func aPartIsUnpackedAlone() {
    var dice = Dice(9)
    let all = block(units(1_000, gap: 9, values: -70_000...70_000, &dice))
    let packed = PackedUnits(all)
    var part = UnitBlock()
    packed.unpack(300..<400, behind: all.indexes[299], into: &part)
    #expect(part.count == 100)
    #expect((0..<100).allSatisfy { part[$0] == all[300 + $0] })
  }

  @Test func damagedOnesAreRefused() {
    let good = PackedUnits(
      block([IntegerUnit(index: 1, x: 1, q: 1_000), IntegerUnit(index: 3, x: 2, q: 0)])
    ).bytes
    #expect(PackedUnits(good, last: 3) != nil)
    #expect(PackedUnits([], last: 3) == nil)
    #expect(PackedUnits(Array(good.dropLast()), last: 3) == nil)
    #expect(PackedUnits(good + [0], last: 3) == nil)
    for (offset, value) in [(0, 0), (0, 1), (0, 3), (3, 0xFF), (4, 3), (5, 9), (6, 16)]
      as [(Int, UInt8)]
    {
      var bad = good
      bad[offset] = value
      #expect(PackedUnits(bad, last: 3) == nil, "byte \(offset) = \(value)")
    }
  }
}
