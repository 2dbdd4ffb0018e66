import Postgres
import Synchronization

/// The time of day for log lines, to the millisecond, with the part that changes once a second
/// made once a second.
final class LogClock: Sendable {
  private let second = Mutex<(seconds: Int64, text: String)>((Int64.min, ""))

  /// RFC 3339 in UTC.
  func text() -> String {
    let now = Timestamp.now
    let seconds = now.seconds
    let prefix = second.withLock { second in
      if second.seconds != seconds {
        second = (seconds, String(Timestamp(seconds: seconds).rfc3339.dropLast()))
      }
      return second.text
    }
    let milliseconds = (now.microseconds - seconds * 1_000_000) / 1_000
    let digits = String(1_000 + milliseconds).dropFirst()
    return "\(prefix).\(digits)Z"
  }
}
