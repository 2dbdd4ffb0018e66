import CWslay

/// Where a client's bytes may be cut, by the frames' headers (RFC 6455, section 5.2).
///
/// wslay reads bytes as they come, but for the reason in a close frame, which it takes for bad UTF-8
/// where a character of it was cut. So it gets headers and close frames whole.
struct FrameBoundaries {
  /// Bytes of the frame under way that are still to come.
  private var remaining: UInt64 = 0

  /// Whether the next byte begins a frame.
  var isAtBoundary: Bool { remaining == 0 }

  /// - Parameter bytes: what follows what was passed before.
  /// - Returns: how many of them may be read. The others come again, with more behind them.
  mutating func pass(_ bytes: UnsafeRawBufferPointer) -> Int {
    var position = 0
    while true {
      let step = Int(min(remaining, UInt64(bytes.count - position)))
      position += step
      remaining -= UInt64(step)
      let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
      guard remaining == 0, let header = Header(rest) else { return position }
      let (length, overflows) = header.payload.addingReportingOverflow(UInt64(header.size))
      guard !header.isShortClose || length <= UInt64(rest.count) else { return position }
      // Nobody sends so much; wslay refuses it.
      remaining = overflows ? .max : length
    }
  }

  private struct Header {
    /// Bytes of the header, and of what follows it.
    let size: Int
    let payload: UInt64
    /// Whether it is a close frame no longer than one may be.
    let isShortClose: Bool

    /// - Returns: nil where more is needed.
    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count >= 2 else { return nil }
      let short = bytes[1] & 0x7F
      let lengthBytes = short < 126 ? 0 : short == 126 ? 2 : 8
      size = 2 + lengthBytes + (bytes[1] & 0x80 == 0 ? 0 : 4)
      guard bytes.count >= size else { return nil }
      payload =
        lengthBytes == 0
        ? UInt64(short) : bytes[2..<2 + lengthBytes].reduce(0) { $0 << 8 | UInt64($1) }
      isShortClose = bytes[0] & 0x0F == HAVOC_WSLAY_CLOSE && short < 126
    }
  }
}
