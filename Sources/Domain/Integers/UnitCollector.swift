/// Takes a set's units as they come, in any order, and packs them as it goes: what waits to be
/// stored is packed already, and never held twice.
public struct UnitCollector: Sendable {
  /// Units of one set.
  public static let most = 1_000_000

  private var runs: [PackedUnits] = []
  private var block = UnitBlock()
  private var isSorted = true
  /// Whether each run begins behind the one before it.
  private var areRunsInOrder = true
  public private(set) var count = 0

  public init() {}

  /// - Throws: what is wrong with the unit, in words.
  public mutating func append(_ unit: IntegerUnit) throws(UnitFault) {
    guard unit.index >= 0 else { throw UnitFault("“index” must not be negative.") }
    guard count < Self.most else { throw .tooMany }
    if let last = block.indexes.last, unit.index <= last {
      guard unit.index != last else { throw .doubled(unit.index) }
      isSorted = false
    }
    block.append(unit)
    count += 1
    if block.isFull { try pack() }
  }

  private mutating func pack() throws(UnitFault) {
    if !isSorted {
      block.sort()
      let indexes = block.indexes
      for position in 1..<indexes.count where indexes[position] == indexes[position - 1] {
        throw .doubled(indexes[position])
      }
    }
    if let before = runs.last, block.indexes[0] <= before.last { areRunsInOrder = false }
    runs.append(PackedUnits(block))
    block.removeAll()
    isSorted = true
  }

  /// The whole set in order.
  /// - Parameter pause: called between two blocks of a set that has to be sorted.
  /// - Throws: `UnitFault`.
  public mutating func finish(pause: () async -> Void) async throws -> [PackedUnits] {
    if !block.isEmpty { try pack() }
    defer { self = UnitCollector() }
    guard !areRunsInOrder else { return runs }
    var merge = RunMerge(runs)
    runs = []
    var merged: [PackedUnits] = []
    while let block = try merge.next() {
      merged.append(PackedUnits(block))
      await pause()
    }
    return merged
  }
}

/// What is wrong with a unit or a set of them, in words.
public struct UnitFault: Error, Sendable {
  public let message: String
  /// Whether it is about the unit that came last, and not about several.
  public let isOfUnit: Bool

  public init(_ message: String, isOfUnit: Bool = true) {
    self.message = message
    self.isOfUnit = isOfUnit
  }

  static func doubled(_ index: Int64) -> UnitFault {
    UnitFault("Index \(index) stands twice.", isOfUnit: false)
  }
  static let tooMany = UnitFault(
    "A set has at most \(UnitCollector.most) units.", isOfUnit: false)
}

/// Merges runs, each in order, into one order.
private struct RunMerge {
  private var heap: CursorHeap
  private var last: Int64?

  init(_ runs: [PackedUnits]) {
    heap = CursorHeap(runs.map { UnitCursor(windowSize: 256, first: $0) })
  }

  /// The next block, full but for the last one; nil behind it.
  mutating func next() throws(UnitFault) -> UnitBlock? {
    var block = UnitBlock()
    while let top = heap.top, !block.isFull {
      let unit = heap.cursors[top].unit
      guard unit.index != last else { throw .doubled(unit.index) }
      last = unit.index
      block.append(unit)
      heap.advanceTop()
    }
    return block.isEmpty ? nil : block
  }
}
