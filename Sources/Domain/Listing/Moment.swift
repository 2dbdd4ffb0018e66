import Postgres

/// WHEN, as people write it: RFC 3339, a date, or a span back or ahead (`30m`, `12h`, `7d`, `-2w`).
public enum Moment: Sendable, Hashable {
  case at(Timestamp)
  /// Signed when a sign was written.
  case span(Duration, signed: Bool)

  /// Which way a span without a sign looks.
  public enum Direction: Sendable { case past, future }

  /// The longest span, in seconds: a hundred years, so that arithmetic on moments can't overflow.
  private static let longest: Int64 = 100 * 366 * 86_400
  public static let longestSpan = Duration.seconds(longest)

  public init?(_ text: String) {
    if let time = Timestamp(rfc3339: text) {
      self = .at(time)
      return
    }
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
    let number = text.dropLast()
    let isSigned = number.hasPrefix("-") || number.hasPrefix("+")
    guard let count = Int64(number), number.last?.isASCII == true,
      case (let seconds, let overflow) = count.multipliedReportingOverflow(by: unit), !overflow,
      (-Self.longest...Self.longest).contains(seconds)
    else { return nil }
    self = .span(.seconds(seconds), signed: isSigned)
  }

  /// The moment itself, as seen from `now`.
  public func resolved(_ direction: Direction, now: Timestamp = .now) -> Timestamp {
    switch self {
    case .at(let time): time
    case .span(let span, let signed):
      now + (direction == .past && !signed ? .zero - span : span)
    }
  }
}
