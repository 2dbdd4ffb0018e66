import TestSupport
import Testing

@testable import Postgres

@Suite struct TimestampTests {
  /// Seconds by `date -u -d … +%s`.
  private static let known: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("2026-01-02T03:04:05Z", 1_767_323_045),
    ("2000-02-29T12:00:00Z", 951_825_600), ("2024-02-29T23:59:59Z", 1_709_251_199),
    ("2100-03-01T00:00:00Z", 4_107_542_400), ("1969-12-31T23:59:59Z", -1),
    ("1900-01-01T00:00:00Z", -2_208_988_800), ("0001-01-01T00:00:00Z", -62_135_596_800),
    ("9999-12-31T23:59:59Z", 253_402_300_799),
  ]

  @Test(arguments: known)
  func bothWays(text: String, seconds: Int64) {
    #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds))
    #expect(Timestamp(seconds: seconds).rfc3339 == text)
    #expect(Timestamp(seconds: seconds).seconds == seconds)
  }

  private static let fractions: [(String, Int64)] = [
    ("1970-01-01T00:00:00.5Z", 500_000), ("1970-01-01T00:00:00.000001Z", 1),
    ("1970-01-01T00:00:00.12Z", 120_000), ("1969-12-31T23:59:59.999999Z", -1),
    ("1969-12-31T23:59:58.25Z", -1_750_000),
  ]

  @Test(arguments: fractions)
  func fractionsBothWays(text: String, microseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
  }

  /// Other ways to write a moment, and the one in which it is given back.
  private static let otherWays: [(String, String)] = [
    ("2026-01-02", "2026-01-02T00:00:00Z"),
    ("2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
    ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
    ("2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05Z"),
    ("2026-01-02T03:04:05-08:00", "2026-01-02T11:04:05Z"),
    ("2026-01-02T03:04:05.1234569Z", "2026-01-02T03:04:05.123456Z"),
    ("2026-01-02T03:04:05.100000000Z", "2026-01-02T03:04:05.1Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("2016-12-31T18:59:60.5-05:00", "2017-01-01T00:00:00.5Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"), ("2000-02-29", "2000-02-29T00:00:00Z"),
  ]

  @Test(arguments: otherWays)
  func isReadAs(text: String, expected: String) {
    #expect(Timestamp(rfc3339: text)?.rfc3339 == expected)
  }

  @Test(arguments: [
    "", "2026", "2026-01", "2026-1-2", "26-01-02", "2026-01-02T", "2026-01-02T03:04",
    "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+0530", "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05+05:60", "2026-01-02T03:04:05X", "2026-01-02T03:04:05ZZ",
    "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z", "2026-00-02",
    "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "2100-02-29",
    " 2026-01-02", "2026-01-02 ", "2026/01/02", "-2026-01-02", "२०२६-01-02", "2026-01-02T03:04:05٠",
    "now", "infinity",
  ])
  func isRefused(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(arguments: 0..<16 as Range<UInt64>)
  func everyMomentComesBack(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      // From the year 1 to the year 9999.
      let microseconds = Int64.random(
        in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator)
      let time = Timestamp(microseconds: microseconds)
      guard Timestamp(rfc3339: time.rfc3339) == time else {
        Issue.record("\(microseconds) is written as \(time.rfc3339)")
        return
      }
    }
  }

  @Test func arithmetic() {
    let time = Timestamp(seconds: 100)
    #expect((time + .seconds(-200)).seconds == -100)
    #expect((time + .microseconds(1)).microseconds == 100_000_001)
    #expect((time + .milliseconds(-1)).seconds == 99)
    #expect(time < time + .microseconds(1))
    #expect(!(time < time))
  }
}
