/// The memory in which blocks of several sets are computed, column by column.
///
/// A result that a position doesn't have is zero there, so that it counts as one on either side of a
/// sign.
final class EvaluationStack {
  /// A level of the stack, or a set beside it.
  private struct Column {
    let xs: UnsafeMutableBufferPointer<Int64>
    let qs: UnsafeMutableBufferPointer<Int64>
    /// 1 where there is a unit, 0 where there is none.
    let presence: UnsafeMutableBufferPointer<UInt8>
    /// Whether there is one everywhere, and `presence` doesn't count.
    var isWhole = true
    /// The number that stands here in place of columns.
    var literal: Int64?

    var x: Operand { literal.map { .repeated($0) } ?? .column(xs) }
    var q: Operand { literal.map { .repeated($0) } ?? .column(qs) }

    init(_ width: Int) {
      xs = .allocate(capacity: width)
      qs = .allocate(capacity: width)
      presence = .allocate(capacity: width)
      xs.initialize(repeating: 0)
      qs.initialize(repeating: 0)
      presence.initialize(repeating: 0)
    }

    func deallocate() {
      xs.deallocate()
      qs.deallocate()
      presence.deallocate()
    }
  }

  /// What stands beside a sign.
  private enum Operand {
    case column(UnsafeMutableBufferPointer<Int64>)
    case repeated(Int64)
  }

  let indexes: UnsafeMutableBufferPointer<Int64>
  private var sets: [Column]
  /// Where units of sets stand that aren't whole, to be cleared.
  private var places: [(set: Int, position: Int)] = []
  private var levels: [Column]

  init(sets: Int, height: Int, width: Int) {
    indexes = .allocate(capacity: width)
    indexes.initialize(repeating: 0)
    self.sets = (0..<sets).map { _ in Column(width) }
    levels = (0..<height).map { _ in Column(width) }
  }

  deinit {
    indexes.deallocate()
    for column in sets + levels { column.deallocate() }
  }

  // MARK: Loading

  /// Takes a piece of a set that has a unit at each position.
  func load(_ number: Int, _ block: UnitBlock, _ start: Int, _ count: Int) {
    sets[number].isWhole = true
    block.xs.withUnsafeBufferPointer { Self.copy($0, start, count, to: sets[number].xs) }
    block.qs.withUnsafeBufferPointer { Self.copy($0, start, count, to: sets[number].qs) }
  }

  private static func copy<Element: BitwiseCopyable>(
    _ source: UnsafeBufferPointer<Element>, _ start: Int, _ count: Int,
    to target: UnsafeMutableBufferPointer<Element>
  ) {
    _ = target.update(fromContentsOf: source[start..<start + count])
  }

  /// Leaves every set without units.
  func clearSets() {
    for number in sets.indices where sets[number].isWhole {
      sets[number].isWhole = false
      sets[number].xs.update(repeating: 0)
      sets[number].qs.update(repeating: 0)
      sets[number].presence.update(repeating: 0)
    }
    // Of many sets each has few units here.
    for place in places {
      sets[place.set].xs[place.position] = 0
      sets[place.set].qs[place.position] = 0
      sets[place.set].presence[place.position] = 0
    }
    places.removeAll(keepingCapacity: true)
  }

  func put(_ number: Int, _ position: Int, _ unit: IntegerUnit) {
    sets[number].xs[position] = unit.x
    sets[number].qs[position] = unit.q
    sets[number].presence[position] = 1
    places.append((number, position))
  }

  func resultX(_ count: Int) -> UnsafeBufferPointer<Int64> {
    .init(rebasing: levels[0].xs[..<count])
  }
  func resultQ(_ count: Int) -> UnsafeBufferPointer<Int64> {
    .init(rebasing: levels[0].qs[..<count])
  }

  // MARK: Computing

  /// - Returns: the first position at which a number didn't fit.
  func run(_ steps: [Equation.Step], _ count: Int) -> Int? {
    var height = 0
    var overflow = count
    for step in steps {
      switch step {
      case .set(let number):
        push(sets[number], at: height, count)
        height += 1
      case .literal(let value):
        levels[height].literal = value
        height += 1
      case .negate:
        let level = levels[height - 1]
        overflow = min(overflow, Self.negate(level.xs, count), Self.negate(level.qs, count))
      case .add, .subtract, .multiply:
        height -= 1
        overflow = min(overflow, combine(step, height - 1, height, count))
      }
    }
    return overflow < count ? overflow : nil
  }

  private func push(_ set: Column, at height: Int, _ count: Int) {
    levels[height].literal = nil
    levels[height].isWhole = set.isWhole
    Self.copy(.init(set.xs), 0, count, to: levels[height].xs)
    Self.copy(.init(set.qs), 0, count, to: levels[height].qs)
    if !set.isWhole { Self.copy(.init(set.presence), 0, count, to: levels[height].presence) }
  }

  /// Leaves at `left` what the sign makes of it and what is at `right`. Two literals don't meet here:
  /// the equation was read with them computed.
  private func combine(_ step: Equation.Step, _ left: Int, _ right: Int, _ count: Int) -> Int {
    let (a, b) = (levels[left], levels[right])
    levels[left].literal = nil
    // A literal stands where the other side has a unit, and nowhere else.
    let other = a.literal == nil ? (b.literal == nil ? nil : a) : b
    let presence = other.flatMap { $0.isWhole ? nil : $0.presence }
    let overflow = min(
      Self.apply(step, a.x, b.x, into: a.xs, count, at: presence),
      Self.apply(step, a.q, b.q, into: a.qs, count, at: presence))
    levels[left].isWhole = other?.isWhole ?? (a.isWhole || b.isWhole)
    guard !levels[left].isWhole else { return overflow }
    for position in 0..<count {
      guard let presence else {
        a.presence[position] |= b.presence[position]
        continue
      }
      let mask = -Int64(presence[position])
      a.presence[position] = presence[position]
      a.xs[position] &= mask
      a.qs[position] &= mask
    }
    return overflow
  }

  /// - Parameter presence: where a number that doesn't fit counts; nil for everywhere.
  private static func apply(
    _ step: Equation.Step, _ a: Operand, _ b: Operand,
    into result: UnsafeMutableBufferPointer<Int64>, _ count: Int,
    at presence: UnsafeMutableBufferPointer<UInt8>?
  ) -> Int {
    switch step {
    case .add: apply(a, b, result, count, presence) { $0.addingReportingOverflow($1) }
    case .subtract: apply(a, b, result, count, presence) { $0.subtractingReportingOverflow($1) }
    default: apply(a, b, result, count, presence) { $0.multipliedReportingOverflow(by: $1) }
    }
  }

  @inline(__always)
  private static func apply(
    _ a: Operand, _ b: Operand, _ result: UnsafeMutableBufferPointer<Int64>, _ count: Int,
    _ presence: UnsafeMutableBufferPointer<UInt8>?,
    _ operate: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
  ) -> Int {
    switch (a, b) {
    case (.column(let a), .column(let b)):
      each(count, result, presence) { operate(a[$0], b[$0]) }
    case (.column(let a), .repeated(let b)):
      each(count, result, presence) { operate(a[$0], b) }
    case (.repeated(let a), .column(let b)):
      each(count, result, presence) { operate(a, b[$0]) }
    case (.repeated, .repeated): count
    }
  }

  @inline(__always)
  private static func each(
    _ count: Int, _ result: UnsafeMutableBufferPointer<Int64>,
    _ presence: UnsafeMutableBufferPointer<UInt8>?,
    _ value: (Int) -> (partialValue: Int64, overflow: Bool)
  ) -> Int {
    var first = count
    for position in 0..<count {
      let (partial, overflows) = value(position)
      result[position] = partial
      if overflows, position < first, presence?[position] != 0 { first = position }
    }
    return first
  }

  private static func negate(_ column: UnsafeMutableBufferPointer<Int64>, _ count: Int) -> Int {
    each(count, column, nil) { Int64(0).subtractingReportingOverflow(column[$0]) }
  }
}
