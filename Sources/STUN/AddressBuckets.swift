/// How often each address may ask, in memory that never grows: buckets of tokens, four to a row, each
/// taken over by another address when it has been full again for the longest time.
public struct AddressBuckets: ~Copyable {
  private struct Bucket: BitwiseCopyable {
    /// Whose it is, as far as 32 bits tell.
    var tag: UInt32
    /// When it will be full, in units of 1,024 nanoseconds.
    var full: UInt32
  }

  private let buckets: UnsafeMutablePointer<Bucket>
  private let rowMask: UInt64
  private let seed: UInt64
  /// In units of 1,024 nanoseconds: what a request costs, and what a full bucket holds.
  private let cost: UInt32
  private let depth: UInt32

  private static let ways = 4

  /// - Parameters:
  ///   - rate: requests a second; 0 for no limit.
  ///   - burst: requests at once.
  ///   - rows: a power of two; each takes 32 bytes.
  ///   - seed: random, so that nobody can choose addresses that share a row with another's.
  public init(rate: Int, burst: Int, rows: Int = 16_384, seed: UInt64) {
    precondition(rows > 0 && rows & (rows - 1) == 0, "rows are a power of two")
    cost = rate > 0 ? UInt32(max(1, 976_562 / rate)) : 0
    depth = cost * UInt32(max(burst, 1))
    rowMask = UInt64(rows - 1)
    self.seed = seed
    buckets = .allocate(capacity: rows * Self.ways)
    buckets.initialize(repeating: Bucket(tag: 0, full: 0), count: rows * Self.ways)
  }

  deinit { buckets.deallocate() }

  /// Takes a token.
  /// - Parameter now: nanoseconds of a clock that never goes back.
  /// - Returns: false where there is none.
  public func take(_ subscriber: UInt64, now: UInt64) -> Bool {
    guard cost > 0 else { return true }
    let now = UInt32(truncatingIfNeeded: now >> 10)
    let hash = Self.mix(subscriber ^ seed)
    let tag = UInt32(truncatingIfNeeded: hash >> 32) | 1
    let row = buckets + Int(hash & rowMask) * Self.ways
    var chosen = 0
    var leastDebt = UInt32.max
    for way in 0..<Self.ways {
      if row[way].tag == tag {
        chosen = way
        break
      }
      let debt = row[way].tag == 0 ? 0 : debt(row[way], now)
      if debt < leastDebt {
        leastDebt = debt
        chosen = way
      }
    }
    if row[chosen].tag != tag { row[chosen] = Bucket(tag: tag, full: now) }
    let debt = debt(row[chosen], now)
    guard debt + cost <= depth else { return false }
    row[chosen].full = now &+ debt &+ cost
    return true
  }

  /// What a bucket lacks. The clock wraps every 73 minutes, and one that was full before then may
  /// seem to lack more than it can, which is nothing.
  private func debt(_ bucket: Bucket, _ now: UInt32) -> UInt32 {
    let difference = bucket.full &- now
    return difference <= depth ? difference : 0
  }

  /// The finaliser of SplitMix64: every bit of the result depends on every bit of the key.
  private static func mix(_ key: UInt64) -> UInt64 {
    var z = key &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
