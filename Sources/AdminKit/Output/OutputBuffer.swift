import Postgres

/// Gathers bytes on their way to a sink, so that it is called once for many rows.
struct OutputBuffer {
  /// Bytes that are gathered before they go out.
  static let flushSize = 64 * 1_024

  var bytes: [UInt8] = []
  private let sink: any ByteSink

  init(_ sink: any ByteSink) {
    self.sink = sink
    // With room for the row that fills it.
    bytes.reserveCapacity(Self.flushSize + 8 * 1_024)
  }

  /// Called at the end of each row.
  mutating func flushIfFull() throws {
    if bytes.count >= Self.flushSize { try flush() }
  }

  mutating func flush() throws {
    guard !bytes.isEmpty else { return }
    // Bytes that couldn't be written are not tried again.
    defer { bytes.removeAll(keepingCapacity: true) }
    try sink.write(bytes)
  }
}

// Values as bytes: numbers and times are written digit by digit, which takes a tenth of what making
// a String of them takes.
extension [UInt8] {
  /// Text as it is.
  mutating func append(text: String) { append(contentsOf: text.utf8) }

  mutating func append(ascii character: Unicode.Scalar) { append(UInt8(ascii: character)) }

  mutating func append(bool value: Bool) { append(text: value ? "true" : "false") }

  mutating func append(int value: Int64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var position = digits.count
      var rest = value.magnitude
      repeat {
        position -= 1
        digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 { append(ascii: "-") }
      append(contentsOf: digits[position...])
    }
  }

  /// RFC 3339 in UTC; a fraction that is zero is left out.
  mutating func append(time: Timestamp, withFraction: Bool = true) {
    let (seconds, fraction) = time.microseconds.flooredDivision(by: 1_000_000)
    let (day, second) = seconds.flooredDivision(by: 86_400)
    let date = CivilDate(daysSince1970: day)
    guard (0...9_999).contains(date.year) else { return append(text: time.rfc3339) }
    append(date.year, digits: 4)
    append(ascii: "-")
    append(date.month, digits: 2)
    append(ascii: "-")
    append(date.day, digits: 2)
    append(ascii: "T")
    append(second / 3_600, digits: 2)
    append(ascii: ":")
    append(second / 60 % 60, digits: 2)
    append(ascii: ":")
    append(second % 60, digits: 2)
    if withFraction, fraction != 0 {
      append(ascii: ".")
      append(fraction, digits: 6)
      while last == UInt8(ascii: "0") { removeLast() }
    }
    append(ascii: "Z")
  }

  /// The last digits of a number that isn't negative, with leading zeros.
  private mutating func append(_ value: Int64, digits: Int) {
    var divisor: Int64 = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }
}

/// A day of the Gregorian calendar, reckoned in years that begin in March, so that a leap year's
/// day is its last.
private struct CivilDate {
  let year, month, day: Int64

  init(daysSince1970: Int64) {
    // A cycle of 400 years has 146,097 days; the cycle of day 0 began on 0000-03-01.
    let (cycle, dayOfCycle) = (daysSince1970 + 719_468).flooredDivision(by: 146_097)
    let leapDays = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
    let yearOfCycle = (dayOfCycle - leapDays) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    // Five months from March, and again from August, have 153 days.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  }
}

extension Int64 {
  /// Division that rounds down; the remainder isn't negative.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
