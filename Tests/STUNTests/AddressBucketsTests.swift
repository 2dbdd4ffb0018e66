import Testing

@testable import STUN

@Suite struct AddressBucketsTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func aBurstIsTakenAndThenTheRate() {
    let buckets = AddressBuckets(rate: 100, burst: 200, seed: 1)
    let start = 50 * Self.second
    let burst = (0..<500).count { _ in buckets.take(7, now: start) }
    #expect((199...201).contains(burst))
    // Ten seconds of a thousand tries each.
    var taken = 0
    for step in 1...10_000 as ClosedRange<UInt64> {
      if buckets.take(7, now: start + step * Self.second / 1_000) { taken += 1 }
    }
    #expect((990...1_010).contains(taken))
    // After a rest the burst is there again, and no more than that.
    let later = start + 100 * Self.second
    let again = (0..<500).count { _ in buckets.take(7, now: later) }
    #expect((199...201).contains(again))
  }

  @Test func eachAddressHasItsOwn() {
    let buckets = AddressBuckets(rate: 10, burst: 10, seed: 3)
    for address in 0..<1_000 as Range<UInt64> {
      let taken = (0..<20).count { _ in buckets.take(address, now: Self.second) }
      #expect(taken == 10)
    }
  }

  /// However long the clock has run, and however long an address was silent.
  @Test func aWrappedClockDoesNotLockAnybodyOut() {
    let buckets = AddressBuckets(rate: 100, burst: 200, seed: 5)
    var now = Self.second
    for _ in 0..<300 {
      let taken = (0..<200).count { _ in buckets.take(7, now: now) }
      #expect(taken == 200)
      now += 733 * Self.second
    }
  }

  @Test func manyAddressesTakeNoMoreMemory() {
    let buckets = AddressBuckets(rate: 1, burst: 1, rows: 16, seed: 9)
    let taken = (0..<1_000_000 as Range<UInt64>).count { buckets.take($0, now: Self.second) }
    // Each is new here, or has been forgotten: nobody is refused for another's sake for long.
    #expect(taken > 900_000)
  }

  @Test func withoutALimitThereIsNone() {
    let buckets = AddressBuckets(rate: 0, burst: 0, seed: 9)
    let taken = (0..<10_000).count { _ in buckets.take(7, now: 1) }
    #expect(taken == 10_000)
  }

  @Test func anIPv6SubscriberIsOne() {
    let one = TransportAddress(ipv6: 1, 2, port: 3)
    #expect(one.subscriber == TransportAddress(ipv6: 1, 9, port: 4).subscriber)
    #expect(one.subscriber != TransportAddress(ipv6: 2, 2, port: 3).subscriber)
    #expect(
      TransportAddress(ipv4: 1, port: 1).subscriber
        != TransportAddress(ipv6: 1, 0, port: 1).subscriber)
  }
}
