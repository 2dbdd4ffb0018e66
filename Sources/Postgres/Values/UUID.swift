import CLinux

/// 128 bits, written as 32 hex digits in five groups.
public struct UUID: Sendable, Hashable, CustomStringConvertible {
  /// The first eight bytes, the first of them most significant; then the last eight.
  public let high: UInt64
  public let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A random one (RFC 9562, section 5.4).
  public static func random() -> UUID {
    var bits: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &bits) { buffer in
      // Up to 256 bytes come whole, once the kernel's generator is ready.
      precondition(getrandom(buffer.baseAddress, 16, 0) == 16, "getrandom failed")
    }
    return UUID(
      high: bits.0 & ~0xF000 | 0x4000,
      low: bits.1 & ~(0b11 << 62) | (0b10 << 62))
  }

  /// Reads 32 hex digits in either case, with or without hyphens.
  public init?(_ text: some StringProtocol) {
    var digits = 0
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in text.utf8 where byte != UInt8(ascii: "-") {
      guard let digit = Self.value(of: byte), digits < 32 else { return nil }
      if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      digits += 1
    }
    guard digits == 32 else { return nil }
    self.init(high: high, low: low)
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// `8-4-4-4-12` lower-case hex digits.
  public var description: String {
    let digits = Array(hex.utf8)
    var text = ""
    text.reserveCapacity(36)
    for (start, end) in [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)] {
      if start > 0 { text += "-" }
      text += String(decoding: digits[start..<end], as: UTF8.self)
    }
    return text
  }

  /// 32 lower-case hex digits without hyphens.
  public var hex: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      for index in 0..<32 {
        let half = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - (index % 16) * 4)) & 0xF
        buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      return 32
    }
  }
}
