import Testing

@testable import Domain

/// Computes as the definition says: a set is a map, a literal is itself.
private enum Naive {
  case map([Int64: (x: Int64, q: Int64)])
  case literal(Int64)

  /// The smallest index at which something didn't fit.
  struct Overflow: Error { let index: Int64 }

  static func run(
    _ steps: [Equation.Step], _ sets: [[IntegerUnit]]
  ) -> (result: [IntegerUnit], overflow: Int64?) {
    var stack: [Naive] = []
    var overflow: Int64?
    for step in steps {
      switch step {
      case .set(let number):
        stack.append(
          .map(.init(uniqueKeysWithValues: sets[number].map { ($0.index, ($0.x, $0.q)) })))
      case .literal(let value): stack.append(.literal(value))
      case .negate:
        let zero = stack.removeLast()
        stack.append(combine(.literal(0), zero, .subtract, &overflow))
      default:
        let right = stack.removeLast()
        let left = stack.removeLast()
        stack.append(combine(left, right, step, &overflow))
      }
    }
    guard case .map(let map)? = stack.last else { return ([], overflow) }
    let result = map.map { IntegerUnit(index: $0.key, x: $0.value.x, q: $0.value.q) }
    return (result.sorted { $0.index < $1.index }, overflow)
  }

  private func value(at index: Int64) -> (x: Int64, q: Int64) {
    switch self {
    case .map(let map): map[index] ?? (0, 0)
    case .literal(let value): (value, value)
    }
  }

  private var indexes: Set<Int64> {
    if case .map(let map) = self { Set(map.keys) } else { [] }
  }

  private static func combine(
    _ left: Naive, _ right: Naive, _ step: Equation.Step, _ overflow: inout Int64?
  ) -> Naive {
    var result: [Int64: (x: Int64, q: Int64)] = [:]
    for index in left.indexes.union(right.indexes) {
      let (a, b) = (left.value(at: index), right.value(at: index))
      let (x, q) = (operate(step, a.x, b.x), operate(step, a.q, b.q))
      if x.overflow || q.overflow { overflow = min(overflow ?? index, index) }
      result[index] = (x.partialValue, q.partialValue)
    }
    return .map(result)
  }

  private static func operate(
    _ step: Equation.Step, _ a: Int64, _ b: Int64
  ) -> (partialValue: Int64, overflow: Bool) {
    switch step {
    case .add: a.addingReportingOverflow(b)
    case .subtract: a.subtractingReportingOverflow(b)
    default: a.multipliedReportingOverflow(by: b)
    }
  }
}

@Suite struct EquationEvaluatorTests {
  /// Evaluates as a request does, with chunks that come one at a time.
  private func evaluate(_ equation: Equation, _ sets: [[IntegerUnit]]) async throws -> [IntegerUnit]
  {
    var chunks: [ArraySlice<PackedUnits>] = []
    for set in sets { chunks.append(try await packed(set)[...]) }
    var evaluator = EquationEvaluator(equation)
    var packer = UnitPacker()
    repeat {
      while let number = evaluator.hungry { evaluator.feed(number, chunks[number].popFirst()) }
    } while try evaluator.step(into: &packer)
    return packer.finish().units
  }

  private func check(_ text: String, _ sets: [[IntegerUnit]]) async throws {
    let equation = try Equation(text)
    let expected = Naive.run(equation.steps, sets)
    if let index = expected.overflow {
      let fault = await #expect(throws: UnitFault.self, "\(text)") {
        try await evaluate(equation, sets)
      }
      #expect(fault?.message == "Overflow at index \(index).", "\(text)")
    } else {
      #expect(try await evaluate(equation, sets) == expected.result, "\(text)")
    }
  }

  private static let equations = [
    "a", "-a", "a+b*c", "(a+b)*(c-a)", "2*a-b", "a-2", "2-a", "a*a-b*b", "-(a-b)+c*-3",
    "(a+2)*b", "(2-a)*(b-c)+7", "a+b+c+a+b+c", "a*0+b*0", "-9223372036854775808-a+b",
  ]

  @Test(arguments: equations)
  func isWhatTheDefinitionSays(text: String) async throws {
    var dice = Dice(UInt64(text.utf8.reduce(0) { $0 &* 31 &+ Int($1) }.magnitude))
    let names = try Equation(text).sets.count
    let shapes: [(count: ClosedRange<Int>, gap: Int64, start: Int64)] = [
      (0...3, 2, 0), (1...400, 0, 0), (300...700, 3, 0), (4_000...4_200, 0, 0),
      (5_000...9_000, 2, 0), (100...5_000, 40, 3_000),
    ]
    for shape in shapes {
      let same = Int.random(in: shape.count, using: &dice)
      for isAligned in [true, false] {
        let sets = (0..<names).map { number in
          let count = isAligned ? same : Int.random(in: shape.count, using: &dice)
          return units(
            count, from: isAligned ? 0 : shape.start * Int64(number),
            gap: isAligned ? 0 : shape.gap,
            &dice)
        }
        try await check(text, sets)
      }
    }
  }

  @Test(arguments: [
    "a+b", "a-b", "a*b", "-a+b", "a*3", "-9223372036854775808-a", "a-(-9223372036854775808)",
  ])
  func theFirstOverflowIsNamed(text: String) async throws {
    var dice = Dice(4)
    let names = try Equation(text).sets.count
    for _ in 0..<20 {
      let sets = (0..<names).map { _ in
        units(
          Int.random(in: 1...1_500, using: &dice), gap: Int64.random(in: 0...2, using: &dice),
          values: Int64.min...Int64.max, &dice)
      }
      try await check(text, sets)
    }
    let positive = (0..<names).map { _ in units(900, gap: 1, values: 0...5, &dice) }
    try await check(text, positive)
  }

  @Test func setsWithoutAnyIndexInCommonTakeTurns() async throws {
    let even = (0..<6_000).map { IntegerUnit(index: 2 * $0, x: $0, q: 1) }
    let odd = (0..<6_000).map { IntegerUnit(index: 2 * $0 + 1, x: -$0, q: 2) }
    let far = (0..<10).map { IntegerUnit(index: .max - 9 + $0, x: 1, q: $0) }
    try await check("a+b-c", [even, odd, far])
    try await check("a*b*c+a", [far, [], odd])
  }

  @Test func manySetsAreSeenThroughSmallWindows() async throws {
    var dice = Dice(12)
    let sets = (0..<200).map { _ in units(300, gap: 4, &dice) }
    try await check((0..<200).map { "s\($0)" }.joined(separator: "+"), sets)
  }
}
