import CUtf8proc
import Glibc

extension String {
  /// Whether every byte is ASCII.
  public var isASCII: Bool {
    var copy = self
    return copy.withUTF8 { buffer in buffer.indexOfFirst { $0.beyondASCII } == buffer.count }
  }

  /// Whether it holds a NUL, which PostgreSQL stores in no text.
  public var containsNUL: Bool {
    var copy = self
    return copy.withUTF8 { UnsafeRawBufferPointer($0).firstNUL != nil }
  }

  /// Unicode's NFKC, so that what looks the same and means the same is stored the same.
  public var nfkc: String { mapped(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT) }

  /// NFKC with case folded away: two names that differ only in case have the same key.
  public var caseFoldedKey: String {
    mapped(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD)
  }

  private func mapped(_ options: utf8proc_option_t) -> String {
    if isASCII {
      return options.rawValue & UTF8PROC_CASEFOLD.rawValue == 0 ? self : lowercased()
    }
    var copy = self
    return copy.withUTF8 { buffer in
      var result: UnsafeMutablePointer<utf8proc_uint8_t>?
      let length = utf8proc_map(buffer.baseAddress, buffer.count, &result, options)
      defer { free(result) }
      // Swift's strings are always valid UTF-8, so only a lack of memory can fail.
      guard let result, length >= 0 else { return String(decoding: buffer, as: UTF8.self) }
      return String(
        decoding: UnsafeBufferPointer(start: result, count: Int(length)), as: UTF8.self)
    }
  }

  /// Without white space at both ends.
  public var trimmed: String {
    if let first = utf8.first, let last = utf8.last, (0x21...0x7E).contains(first),
      (0x21...0x7E).contains(last)
    {
      return self
    }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}

private func | (a: utf8proc_option_t, b: utf8proc_option_t) -> utf8proc_option_t {
  utf8proc_option_t(rawValue: a.rawValue | b.rawValue)
}

extension StringProtocol {
  /// With a capital letter.
  public var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// With a capital letter, and with a full stop where nothing ends it.
  public var asSentence: String {
    let isWhole = last.map { ".?!".contains($0) } ?? true
    return capitalizedFirst + (isWhole ? "" : ".")
  }
}

extension UnsafeRawBufferPointer {
  /// Where the first NUL is; the library looks at 32 bytes together.
  var firstNUL: Int? {
    baseAddress.flatMap { start in
      memchr(start, 0, count).map { UnsafeRawPointer($0) - start }
    }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hex digits a byte.
  public var hex: String {
    var text: [UInt8] = []
    for byte in self {
      for digit in [byte >> 4, byte & 0xF] {
        text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension UInt64 {
  /// Lends its digits, which are made from the last to the first, in lower case.
  @inlinable public func withDigits<Result>(
    radix: UInt64 = 10, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digits in
      var start = digits.count
      var rest = self
      repeat {
        start -= 1
        let digit = UInt8(truncatingIfNeeded: rest % radix)
        digits[start] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        rest /= radix
      } while rest > 0
      return body(UnsafeBufferPointer(rebasing: digits[start...]))
    }
  }
}

extension [UInt8] {
  /// Appends a number's digits, behind its sign.
  @inlinable public mutating func append(decimal number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    number.magnitude.withDigits { append(contentsOf: $0) }
  }
}
