/// One position of a set.
public struct IntegerUnit: Sendable, Hashable {
  /// From 0 on; no other unit of the set has it.
  public var index: Int64
  public var x: Int64
  public var q: Int64

  public init(index: Int64, x: Int64, q: Int64) {
    self.index = index
    self.x = x
    self.q = q
  }
}

/// Units side by side, column by column.
public struct UnitBlock: Sendable, Equatable {
  public private(set) var indexes: [Int64] = []
  public private(set) var xs: [Int64] = []
  public private(set) var qs: [Int64] = []

  /// Units of a full block, which is what one row of the table holds: large enough for a row's
  /// overhead not to count, small enough for a request to hold several.
  public static let size = 4_096

  public init() {}

  public var count: Int { indexes.count }
  public var isEmpty: Bool { indexes.isEmpty }
  public var isFull: Bool { indexes.count >= Self.size }

  public subscript(position: Int) -> IntegerUnit {
    IntegerUnit(index: indexes[position], x: xs[position], q: qs[position])
  }

  public mutating func append(_ unit: IntegerUnit) {
    if indexes.isEmpty { reserve() }
    indexes.append(unit.index)
    xs.append(unit.x)
    qs.append(unit.q)
  }

  private mutating func reserve() {
    indexes.reserveCapacity(Self.size)
    xs.reserveCapacity(Self.size)
    qs.reserveCapacity(Self.size)
  }

  /// Adds columns of the same length.
  mutating func append(
    indexes: UnsafeBufferPointer<Int64>, xs: UnsafeBufferPointer<Int64>,
    qs: UnsafeBufferPointer<Int64>
  ) {
    if self.indexes.isEmpty { reserve() }
    self.indexes.append(contentsOf: indexes)
    self.xs.append(contentsOf: xs)
    self.qs.append(contentsOf: qs)
  }

  /// Forgets the units and keeps their room.
  public mutating func removeAll() {
    indexes.removeAll(keepingCapacity: true)
    xs.removeAll(keepingCapacity: true)
    qs.removeAll(keepingCapacity: true)
  }

  /// Brings the units into the order of their indexes.
  mutating func sort() {
    let order = indexes.indices.sorted { indexes[$0] < indexes[$1] }
    self = order.reduce(into: UnitBlock()) { $0.append(self[$1]) }
  }

  /// Makes room for `count` units in place of what is there, to be filled in by `body`.
  mutating func fill(
    _ count: Int,
    _ body: (
      _ indexes: UnsafeMutableBufferPointer<Int64>, _ xs: UnsafeMutableBufferPointer<Int64>,
      _ qs: UnsafeMutableBufferPointer<Int64>
    ) -> Void
  ) {
    Self.resize(&indexes, to: count)
    Self.resize(&xs, to: count)
    Self.resize(&qs, to: count)
    indexes.withUnsafeMutableBufferPointer { indexes in
      xs.withUnsafeMutableBufferPointer { xs in
        qs.withUnsafeMutableBufferPointer { qs in body(indexes, xs, qs) }
      }
    }
  }

  private static func resize(_ column: inout [Int64], to count: Int) {
    if column.count > count {
      column.removeLast(column.count - count)
    } else {
      column.append(contentsOf: repeatElement(0, count: count - column.count))
    }
  }
}
