/// Computes an equation block by block, in the order of the indexes.
///
/// Only what is in sight of every set is computed: a set whose next units aren't there yet holds the
/// others back.
struct EquationEvaluator {
  private let equation: Equation
  private var heap: CursorHeap
  /// Whether a set has no more units than its cursor shows.
  private var isLast: [Bool]
  private let stack: EvaluationStack

  /// Units that are computed at once: few enough for the whole stack to stay in the processor's
  /// cache.
  static let width = 512

  init(_ equation: Equation) {
    self.equation = equation
    // Many sets are seen through small windows, so that their number doesn't decide the memory.
    let windowSize = max(128, UnitBlock.size / max(1, equation.sets.count))
    heap = CursorHeap(equation.sets.map { _ in UnitCursor(windowSize: windowSize) })
    isLast = equation.sets.map { _ in false }
    stack = EvaluationStack(sets: equation.sets.count, height: equation.height, width: Self.width)
  }

  /// A set of which nothing is in sight, though it may go on; nil where there is none.
  var hungry: Int? {
    heap.cursors.indices.first { heap.cursors[$0].isAtEnd && !isLast[$0] }
  }

  /// Goes on with a set's units; nil where there are no more of it.
  mutating func feed(_ number: Int, _ packed: PackedUnits?) {
    if let packed { heap.cursors[number].take(packed) } else { isLast[number] = true }
  }

  /// What a step costs at the most, in numbers that are read or made.
  var effort: Int { (heap.cursors.count + equation.steps.count) * Self.width }

  /// Computes what is in sight, a piece of it. Nobody may be hungry.
  /// - Returns: false where nothing is left.
  /// - Throws: `UnitFault` where a number doesn't fit; it names the smallest such index.
  mutating func step(into packer: inout UnitPacker) throws(UnitFault) -> Bool {
    var bound = Int64.max
    var isAnything = false
    for cursor in heap.cursors where !cursor.isAtEnd {
      bound = min(bound, cursor.lastVisible)
      isAnything = true
    }
    guard isAnything else { return false }
    let count = alignWhole() ?? align(upTo: bound)
    if let overflow = stack.run(equation.steps, count) {
      throw UnitFault("Overflow at index \(stack.indexes[overflow]).")
    }
    try packer.append(
      indexes: .init(rebasing: stack.indexes[..<count]), xs: stack.resultX(count),
      qs: stack.resultQ(count))
    return true
  }

  /// The usual case: all sets have the same next indexes.
  private mutating func alignWhole() -> Int? {
    guard let shortest = heap.cursors.map(\.visible).min() else { return nil }
    let count = min(shortest, Self.width)
    guard count > 0 else { return nil }
    let first = heap.cursors[0].window.indexes[heap.cursors[0].position...].prefix(count)
    for cursor in heap.cursors.dropFirst()
    where !cursor.window.indexes[cursor.position...].prefix(count).elementsEqual(first) {
      return nil
    }
    for (place, index) in first.enumerated() { stack.indexes[place] = index }
    for number in heap.cursors.indices {
      stack.load(number, heap.cursors[number].window, heap.cursors[number].position, count)
      heap.cursors[number].skip(count)
    }
    return count
  }

  /// Brings the units up to an index side by side; where a set has none there is a zero.
  private mutating func align(upTo bound: Int64) -> Int {
    stack.clearSets()
    heap.rebuild()
    var count = 0
    while let top = heap.top, heap.cursors[top].index <= bound {
      let unit = heap.cursors[top].unit
      // The first set that has an index makes a place for it.
      if count == 0 || stack.indexes[count - 1] != unit.index {
        guard count < Self.width else { break }
        stack.indexes[count] = unit.index
        count += 1
      }
      stack.put(top, count - 1, unit)
      // What its window shows next may lie behind the bound, and so doesn't count yet.
      heap.advanceTop()
    }
    return count
  }
}

/// Packs units that come in order.
struct UnitPacker {
  private(set) var chunks: [PackedUnits] = []
  private var block = UnitBlock()
  private(set) var count = 0

  /// - Throws: `UnitFault` for too many.
  mutating func append(
    indexes: UnsafeBufferPointer<Int64>, xs: UnsafeBufferPointer<Int64>,
    qs: UnsafeBufferPointer<Int64>
  ) throws(UnitFault) {
    count += indexes.count
    guard count <= UnitCollector.most else { throw .tooMany }
    var start = 0
    while start < indexes.count {
      let end = min(indexes.count, start + UnitBlock.size - block.count)
      block.append(
        indexes: .init(rebasing: indexes[start..<end]), xs: .init(rebasing: xs[start..<end]),
        qs: .init(rebasing: qs[start..<end]))
      if block.isFull { flush() }
      start = end
    }
  }

  private mutating func flush() {
    chunks.append(PackedUnits(block))
    block.removeAll()
  }

  /// All of it.
  mutating func finish() -> [PackedUnits] {
    if !block.isEmpty { flush() }
    return chunks
  }
}
