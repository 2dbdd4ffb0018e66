import Domain

/// Writes a set's units as they are read, a block at a time.
struct SetWriter: Sendable {
  private var reader: UnitReader
  /// Units up to this index are left out.
  private let after: Int64
  private var text = UnitText()

  init(_ reader: UnitReader, after: Int64 = -1) {
    self.reader = reader
    self.after = after
  }

  /// The text of the next block; nil behind the last.
  mutating func next() async throws -> [UInt8]? {
    guard let block = try await reader.next()?.block else { return nil }
    let start =
      block.indexes.first.map { $0 > after } ?? true
      ? 0 : block.indexes.partitioningIndex { $0 > after }
    text.append(block, start..<block.count)
    return text.take()
  }

  /// The text of so many units, and the index behind which there are more.
  mutating func page(_ limit: Int) async throws -> (text: [UInt8], next: Int64?) {
    var left = limit
    while let block = try await reader.next()?.block {
      let start = block.indexes.partitioningIndex { $0 > after }
      guard left > 0 || start == block.count else { return (text.take(), last) }
      let end = min(block.count, start + left)
      text.append(block, start..<end)
      left -= end - start
      if end > start { last = block.indexes[end - 1] }
      if end < block.count { return (text.take(), last) }
    }
    return (text.take(), nil)
  }

  /// The last index that was written.
  private var last: Int64?
}

extension [Int64] {
  /// Where the first element is that fulfils what all behind it fulfil as well.
  fileprivate func partitioningIndex(where belongs: (Int64) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
