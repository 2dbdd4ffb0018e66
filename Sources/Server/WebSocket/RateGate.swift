/// Lets so many things a second through, and as many at once after a rest (a token bucket).
struct RateGate {
  /// A second; 0 for no limit.
  private let rate: Int
  private var tokens: Double
  private var last: UInt64

  init(rate: Int, now: UInt64) {
    self.rate = rate
    tokens = Double(rate)
    last = now
  }

  private mutating func refill(_ now: UInt64) {
    tokens = min(Double(rate), tokens + Double(now - last) / 1e9 * Double(rate))
    last = now
  }

  /// Whether one more may go through now.
  mutating func take(at now: UInt64) -> Bool {
    guard rate > 0 else { return true }
    refill(now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// Whether the next one would have to wait.
  mutating func isSpent(at now: UInt64) -> Bool {
    guard rate > 0 else { return false }
    refill(now)
    return tokens < 1
  }

  /// Counts one that has gone through whether it might or not.
  mutating func charge() { tokens -= 1 }

  /// Whether more went through than might.
  mutating func isInDebt(at now: UInt64) -> Bool {
    refill(now)
    return tokens < 0
  }
}
