import Glibc

/// A moment in UTC, to the microsecond, as PostgreSQL's `timestamptz` has it.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// - Parameter seconds: Unix time.
  public init(seconds: Int64) { microseconds = seconds * 1_000_000 }

  /// The system clock's time.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Whole Unix seconds, rounded down.
  public var seconds: Int64 {
    microseconds.quotientAndFloorRemainder(dividingBy: 1_000_000).quotient
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  /// This moment moved by `duration`, to the microsecond.
  public static func + (time: Timestamp, duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(
      microseconds: time.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }

  /// RFC 3339 in UTC, `2026-01-02T03:04:05.678901Z`; the fraction is left out when it is zero.
  public var rfc3339: String {
    let (whole, remainder) = microseconds.quotientAndFloorRemainder(dividingBy: 1_000_000)
    var seconds = time_t(whole)
    var fraction = remainder
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let year = Int(parts.tm_year) + 1900
    var text = padded(year, 4)
    text += "-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    text += "T\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2))"
    text += ":\(padded(Int(parts.tm_sec), 2))"
    if fraction != 0 {
      var digits = 6
      while fraction % 10 == 0 {
        fraction /= 10
        digits -= 1
      }
      text += ".\(padded(Int(fraction), digits))"
    }
    return text + "Z"
  }
}

extension Timestamp {
  /// Reads RFC 3339 (`2026-01-02T03:04:05Z`, with a fraction or an offset), or a date alone, which
  /// is its midnight in UTC.
  /// - Returns: nil for anything else, and for dates that don't exist.
  public init?(rfc3339 text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), scanner.skip("-"),
      let day = scanner.number(digits: 2)
    else { return nil }
    var parts = tm()
    parts.tm_year = CInt(year - 1900)
    parts.tm_mon = CInt(month - 1)
    parts.tm_mday = CInt(day)
    var fraction: Int64 = 0
    var offset = 0
    var isLeapSecond = false
    if !scanner.isAtEnd {
      guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
        let hour = scanner.number(digits: 2), scanner.skip(":"), hour < 24,
        let minute = scanner.number(digits: 2), scanner.skip(":"), minute < 60,
        let second = scanner.number(digits: 2), second < 61
      else { return nil }
      // A leap second counts as the first of the next minute, which may be in the next month.
      isLeapSecond = second == 60
      (parts.tm_hour, parts.tm_min, parts.tm_sec) = (
        CInt(hour), CInt(minute), CInt(min(second, 59))
      )
      if scanner.skip(".") {
        guard let value = scanner.microseconds() else { return nil }
        fraction = value
      }
      guard let value = scanner.offset(), scanner.isAtEnd else { return nil }
      offset = value
    }
    let asked = (parts.tm_mon, parts.tm_mday)
    let seconds = timegm(&parts)
    guard (parts.tm_mon, parts.tm_mday) == asked else { return nil }
    microseconds = (Int64(seconds) + (isLeapSecond ? 1 : 0) - Int64(offset)) * 1_000_000 + fraction
  }
}

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// Takes a date's pieces off the front of a text.
private struct DigitScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let first = rest.first, first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int? {
    guard rest.count >= digits else { return nil }
    var value = 0
    for _ in 0..<digits {
      let digit = rest.removeFirst()
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  mutating func microseconds() -> Int64? {
    var value: Int64 = 0
    var count = 0
    while let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      rest.removeFirst()
      if count < 6 { value = value * 10 + Int64(digit - UInt8(ascii: "0")) }
      count += 1
    }
    guard count > 0 else { return nil }
    for _ in count..<max(6, count) { value *= 10 }
    return value
  }

  /// The offset from UTC in seconds; no offset counts as UTC.
  mutating func offset() -> Int? {
    if isAtEnd || skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
      hours < 24, minutes < 60
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

extension FixedWidthInteger {
  /// Division that rounds down, so that moments before 1970 keep a fraction that isn't negative.
  fileprivate func quotientAndFloorRemainder(
    dividingBy divisor: Self
  ) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
