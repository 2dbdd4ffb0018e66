/// Goes through packed units from the first to the last, some of them unpacked at a time.
struct UnitCursor {
  /// Where it is now; behind the last unit, that has none.
  private(set) var window = UnitBlock()
  private(set) var position = 0

  private let windowSize: Int
  private var packed: PackedUnits?
  private var unpacked = 0
  private var last: Int64?

  /// - Parameter windowSize: units that are unpacked at a time.
  init(windowSize: Int, first: PackedUnits? = nil) {
    self.windowSize = windowSize
    if let first { take(first) }
  }

  /// Whether what was taken is used up.
  var isAtEnd: Bool { position == window.count }
  /// Units that can be seen from here on.
  var visible: Int { window.count - position }
  /// Of the last unit that can be seen; there must be one.
  var lastVisible: Int64 { window.indexes[window.count - 1] }
  var index: Int64 { window.indexes[position] }
  var unit: IntegerUnit { window[position] }

  /// Goes on with more; what was taken before must be used up.
  mutating func take(_ packed: PackedUnits) {
    self.packed = packed
    unpacked = 0
    last = nil
    slide()
  }

  /// Goes on to the next unit.
  /// - Returns: false where there is none.
  mutating func advance() -> Bool {
    position += 1
    if isAtEnd { slide() }
    return !isAtEnd
  }

  /// Passes over units that can be seen.
  mutating func skip(_ count: Int) {
    position += count
    if isAtEnd { slide() }
  }

  private mutating func slide() {
    position = 0
    guard let packed, unpacked < packed.count else {
      self.packed = nil
      window.removeAll()
      return
    }
    let range = unpacked..<min(unpacked + windowSize, packed.count)
    packed.unpack(range, behind: last, into: &window)
    unpacked = range.upperBound
    last = window.indexes.last
  }
}
