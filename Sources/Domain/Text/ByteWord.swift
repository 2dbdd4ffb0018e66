/// Eight bytes of a text, looked at together. A mask has the highest bit of each byte that is meant.
///
/// The first byte of a mask is always right. Those behind it may be accused by a borrow from it, so a
/// mask tells where the first is and whether there is any.
public struct ByteWord {
  @usableFromInline let bits: UInt64

  /// - Parameter bits: the first byte lowest.
  @inlinable init(_ bits: UInt64) { self.bits = bits }

  @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }
  @inlinable static var highs: UInt64 { 0x8080_8080_8080_8080 }

  /// Bytes under a limit, which is at most 0x80.
  @inlinable public func under(_ limit: UInt8) -> UInt64 {
    (bits &- Self.ones &* UInt64(limit)) & ~bits & Self.highs
  }

  @inlinable public func equal(_ byte: Unicode.Scalar) -> UInt64 {
    let differences = bits ^ Self.ones &* UInt64(byte.value)
    return (differences &- Self.ones) & ~differences & Self.highs
  }

  @inlinable public var beyondASCII: UInt64 { bits & Self.highs }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where the first byte from `start` on is that `mask` means; the end where there is none.
  @inlinable public func indexOfFirst(from start: Int = 0, _ mask: (ByteWord) -> UInt64) -> Int {
    var index = start
    while index + 8 <= count {
      let found = mask(ByteWord(eight(from: index)))
      if found != 0 { return index + found.trailingZeroBitCount / 8 }
      index += 8
    }
    guard index < count else { return count }
    let found = mask(ByteWord(rest(from: index)))
    return Swift.min(count, index + found.trailingZeroBitCount / 8)
  }

  @inlinable func eight(from index: Int) -> UInt64 {
    UInt64(
      littleEndian: UnsafeRawBufferPointer(self).loadUnaligned(
        fromByteOffset: index, as: UInt64.self))
  }

  /// The less than eight that are left, with zeros behind them.
  @inlinable func rest(from index: Int) -> UInt64 {
    if count >= 8 { return eight(from: count - 8) >> (8 * (8 - (count - index))) }
    return self[index...].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
