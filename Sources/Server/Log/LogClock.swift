import Domain
import Postgres
import Synchronization

/// The time of day for log lines, to the millisecond, with the part that changes once a second
/// made once a second.
final class LogClock: Sendable {
  private let second = Mutex<(seconds: Int64, text: [UInt8])>((Int64.min, []))

  /// Appends it as RFC 3339 in UTC.
  func write(to bytes: inout [UInt8]) {
    let now = Timestamp.now
    let seconds = now.seconds
    second.withLock { second in
      if second.seconds != seconds {
        second = (seconds, Array(Timestamp(seconds: seconds).rfc3339.utf8.dropLast()))
      }
      bytes.append(contentsOf: second.text)
    }
    // The first of four digits, which keeps the zeros behind it, makes way for the point.
    let milliseconds = (now.microseconds - seconds * 1_000_000) / 1_000
    (1_000 + milliseconds.magnitude).withDigits { digits in
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits.dropFirst())
    }
    bytes.append(UInt8(ascii: "Z"))
  }
}
