/// Some of ASCII's characters, a bit each.
struct ASCIISet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// Letters, digits, and these.
  init(lettersDigitsAnd others: StaticString) {
    for byte: UInt8 in 0..<128 {
      let isIn =
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: others.withUTF8Buffer { $0.contains(byte) }
        }
      if isIn, byte < 64 { low |= 1 << byte } else if isIn { high |= 1 << (byte - 64) }
    }
  }

  func contains(_ byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) >> (byte & 63) & 1 == 1
  }
}
