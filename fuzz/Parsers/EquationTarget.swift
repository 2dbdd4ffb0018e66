@testable import Domain

/// An equation that is accepted keeps its limits, and what comes out is what its definition says,
/// index by index.
///
/// The first byte deals the sets' units out; the rest is the equation.
enum EquationTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    var input = FuzzInput(bytes)
    let seed = input.byte() ?? 0
    let text = String(decoding: input.rest, as: UTF8.self)
    guard let equation = try? Equation(text) else { return }
    require(text.utf8.count <= Equation.longest, "an equation that is too long")
    require((1...Equation.mostSets).contains(equation.sets.count), "too many sets, or none")
    // Every level of signs and parentheses holds a sum and a product open.
    require((1...3 * Equation.deepest + 3).contains(equation.height), "a stack too high")
    for (number, set) in equation.sets.enumerated() {
      require(SetName.isValid(set.name), "“\(set.name)” is no name")
      require((1...text.unicodeScalars.count).contains(set.column), "a column that isn't there")
      require(!equation.sets[..<number].contains { $0.name == set.name }, "a set stands twice")
    }
    guard equation.sets.count <= 8 else { return }
    let sets = (0..<equation.sets.count).map { units(of: $0, seed) }
    let (expected, overflow) = definition(equation.steps, sets)
    do {
      let found = try evaluate(equation, sets)
      require(overflow == nil && found == expected, "another result than the definition's")
    } catch {
      require(
        error.message == overflow.map { "Overflow at index \($0)." },
        "\(error.message) where the definition says \(overflow.map(String.init) ?? "nothing")")
    }
  }

  /// A few units, of which some have no counterpart in another set and some are extreme.
  private static func units(of set: Int, _ seed: UInt8) -> [IntegerUnit] {
    let values: [Int64] = [0, 1, -1, 2, -3, .max, .min, 1 << 31]
    var state = UInt64(seed) &+ 1 &+ UInt64(set) &* 0x9E37_79B9_7F4A_7C15
    var units: [IntegerUnit] = []
    for index in 0..<Int64(12) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      guard seed.isMultiple(of: 2) || state >> 60 < 10 else { continue }
      // Extreme values overflow nearly everywhere, so half of the seeds do without.
      let range: UInt64 = seed & 2 == 0 ? 5 : 8
      units.append(
        IntegerUnit(
          index: index, x: values[Int(state >> 40 % range)], q: values[Int(state >> 33 % range)]))
    }
    return units
  }

  private static func evaluate(
    _ equation: Equation, _ sets: [[IntegerUnit]]
  ) throws(UnitFault) -> [IntegerUnit] {
    var waiting = sets.map { units -> PackedUnits? in
      var block = UnitBlock()
      for unit in units { block.append(unit) }
      return block.isEmpty ? nil : PackedUnits(block)
    }
    var evaluator = EquationEvaluator(equation)
    var packer = UnitPacker()
    repeat {
      while let number = evaluator.hungry {
        evaluator.feed(number, waiting[number])
        waiting[number] = nil
      }
    } while try evaluator.step(into: &packer)
    return packer.finish().flatMap { chunk in
      let block = chunk.block
      return (0..<block.count).map { block[$0] }
    }
  }

  /// A set's value at one index, or a literal's at any.
  private enum Operand {
    case unit(x: Int64, q: Int64)
    case absent
    case literal(Int64)

    var x: Int64 { value.x }
    var q: Int64 { value.q }
    private var value: (x: Int64, q: Int64) {
      switch self {
      case .unit(let x, let q): (x, q)
      case .absent: (0, 0)
      case .literal(let value): (value, value)
      }
    }

    /// Whether the result has the index too, beside one that may be a literal.
    func isPresent(beside other: Operand) -> Bool {
      switch (self, other) {
      case (.unit, _), (_, .unit): true
      default: false
      }
    }
  }

  /// The units of the result, and the first index at which a number doesn't fit.
  private static func definition(
    _ steps: [Equation.Step], _ sets: [[IntegerUnit]]
  ) -> (units: [IntegerUnit], overflow: Int64?) {
    var result: [IntegerUnit] = []
    for index in Set(sets.joined().map(\.index)).sorted() {
      var stack: [Operand] = []
      for step in steps {
        switch step {
        case .literal(let value): stack.append(.literal(value))
        case .set(let number):
          let unit = sets[number].first { $0.index == index }
          stack.append(unit.map { .unit(x: $0.x, q: $0.q) } ?? .absent)
        case .negate:
          guard let value = combine(.literal(0), stack.removeLast(), step) else {
            return ([], index)
          }
          stack.append(value)
        case .add, .subtract, .multiply:
          let right = stack.removeLast()
          guard let value = combine(stack.removeLast(), right, step) else { return ([], index) }
          stack.append(value)
        }
      }
      if case .unit(let x, let q) = stack[0] { result.append(.init(index: index, x: x, q: q)) }
    }
    return (result, nil)
  }

  private static func combine(_ a: Operand, _ b: Operand, _ step: Equation.Step) -> Operand? {
    guard a.isPresent(beside: b) else { return .absent }
    guard let x = operate(step, a.x, b.x), let q = operate(step, a.q, b.q) else { return nil }
    return .unit(x: x, q: q)
  }

  private static func operate(_ step: Equation.Step, _ a: Int64, _ b: Int64) -> Int64? {
    let (value, overflows) =
      switch step {
      case .add: a.addingReportingOverflow(b)
      case .multiply: a.multipliedReportingOverflow(by: b)
      default: a.subtractingReportingOverflow(b)
      }
    return overflows ? nil : value
  }
}
