@testable import Domain

/// A generator that gives the same numbers each time.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A block of these units.
func block(_ units: [IntegerUnit]) -> UnitBlock {
  units.reduce(into: UnitBlock()) { $0.append($1) }
}

/// Units whose indexes have gaps of up to `gap`.
func units(
  _ count: Int, from start: Int64 = 0, gap: Int64 = 0, values: ClosedRange<Int64> = -1_000...1_000,
  _ dice: inout Dice
) -> [IntegerUnit] {
  var index = start - 1
  return (0..<count).map { _ in
    index += 1 + Int64.random(in: 0...gap, using: &dice)
    return IntegerUnit(
      index: index, x: .random(in: values, using: &dice), q: .random(in: values, using: &dice))
  }
}

extension [PackedUnits] {
  var units: [IntegerUnit] {
    flatMap { packed in
      let block = packed.block
      return (0..<block.count).map { block[$0] }
    }
  }
}

/// The chunks of a set.
func packed(_ units: [IntegerUnit]) async throws -> [PackedUnits] {
  var collector = UnitCollector()
  for unit in units { try collector.append(unit) }
  return try await collector.finish {}
}
