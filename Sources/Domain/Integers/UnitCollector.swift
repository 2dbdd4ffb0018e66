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

  public init(_ message: String) { self.message = message }

  static func doubled(_ index: Int64) -> UnitFault { UnitFault("Index \(index) stands twice.") }
  static let tooMany = UnitFault("A set has at most \(UnitCollector.most) units.")
}

/// Merges runs, each in order, into one order.
private struct RunMerge {
  private var cursors: [UnitCursor]
  /// Positions in `cursors` as a heap: none has a smaller index than the one above it.
  private var heap: [Int] = []
  private var last: Int64?

  init(_ runs: [PackedUnits]) {
    cursors = runs.map { UnitCursor(windowSize: 256, first: $0) }
    for position in cursors.indices {
      heap.append(position)
      siftUp(heap.count - 1)
    }
  }

  /// The next block, full but for the last one; nil behind it.
  mutating func next() throws(UnitFault) -> UnitBlock? {
    var block = UnitBlock()
    while let top = heap.first, !block.isFull {
      let unit = cursors[top].unit
      guard unit.index != last else { throw .doubled(unit.index) }
      last = unit.index
      block.append(unit)
      if !cursors[top].advance() {
        let end = heap.removeLast()
        if heap.isEmpty { break }
        heap[0] = end
      }
      siftDown()
    }
    return block.isEmpty ? nil : block
  }

  private func index(_ place: Int) -> Int64 { cursors[heap[place]].index }

  private mutating func siftUp(_ start: Int) {
    var place = start
    while place > 0, index(place) < index((place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func siftDown() {
    var place = 0
    while true {
      var smallest = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && index(child) < index(smallest) {
        smallest = child
      }
      guard smallest != place else { return }
      heap.swapAt(place, smallest)
      place = smallest
    }
  }
}
