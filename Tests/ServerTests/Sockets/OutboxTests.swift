import Glibc
import Testing

@testable import Server

/// Two ends of a connection that don't block.
private final class Pair {
  let ends: [CInt]

  init() throws {
    var ends: [CInt] = [0, 0]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    self.ends = ends
  }

  deinit { for end in ends { close(end) } }

  func receive(_ limit: Int = 65_536) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(ends[1], &buffer, limit, 0)
    return Array(buffer.prefix(max(0, count)))
  }
}

@Suite struct OutboxTests {
  private func frames(_ count: Int, size: Int) -> [[UInt8]] {
    (0..<count).map { index in (0..<size).map { UInt8(truncatingIfNeeded: index &* 31 &+ $0) } }
  }

  @Test func everythingComesInOrder() throws {
    let pair = try Pair()
    var outbox = Outbox()
    let all = frames(300, size: 5_000)
    var received: [UInt8] = []
    for frame in all {
      outbox.append(frame)
      let isWhole = outbox.write(to: pair.ends[0])
      #expect(isWhole)
      // A slow reader, so that the kernel takes parts of frames.
      received += pair.receive(3_000)
    }
    while received.count < 300 * 5_000 {
      let piece = pair.receive()
      try #require(!piece.isEmpty || !outbox.isEmpty)
      received += piece
      let isWhole = outbox.write(to: pair.ends[0])
      #expect(isWhole)
    }
    #expect(outbox.isEmpty && outbox.bytes == 0)
    #expect(received == Array(all.joined()))
  }

  @Test func whatHasBegunIsNeverDropped() throws {
    let pair = try Pair()
    var outbox = Outbox()
    let all = frames(8, size: 1_000_000)
    for frame in all { outbox.append(frame) }
    let isWhole = outbox.write(to: pair.ends[0])
    let dropped = outbox.dropOldest(downTo: 2_000_000)
    #expect(isWhole && dropped == 6)
    var received: [UInt8] = []
    while true {
      let piece = pair.receive()
      if piece.isEmpty, outbox.isEmpty { break }
      received += piece
      let isWhole = outbox.write(to: pair.ends[0])
      #expect(isWhole)
    }
    #expect(received == all[0] + all[7])
  }

  @Test func theNewestStays() {
    var outbox = Outbox()
    for frame in frames(3, size: 100) { outbox.append(frame) }
    let dropped = outbox.dropOldest(downTo: 10)
    #expect(dropped == 2)
    #expect(outbox.bytes == 100)
    outbox.dropWaiting()
    #expect(outbox.isEmpty)
  }

  @Test func aBrokenConnectionIsNoticed() throws {
    let pair = try Pair()
    shutdown(pair.ends[1], CInt(SHUT_RDWR))
    var outbox = Outbox()
    outbox.append([1, 2, 3])
    let isWhole = outbox.write(to: pair.ends[0])
    #expect(!isWhole)
  }
}

@Suite struct RateGateTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func aBurstAndThenTheRate() {
    var gate = RateGate(rate: 20, now: 0)
    let burst = (0..<100).count { _ in gate.take(at: 0) }
    #expect(burst == 20)
    let isSpent = gate.isSpent(at: 0)
    #expect(isSpent)
    var taken = 0
    for step in 1...1_000 where gate.take(at: UInt64(step) * Self.second / 100) { taken += 1 }
    #expect((199...201).contains(taken))
    let rested = (0..<100).count { _ in gate.take(at: 60 * Self.second) }
    #expect(rested == 20)
  }

  @Test func zeroIsNoLimit() {
    var gate = RateGate(rate: 0, now: 0)
    let taken = (0..<1_000).count { _ in gate.take(at: 0) }
    let isSpent = gate.isSpent(at: 0)
    #expect(taken == 1_000 && !isSpent)
  }

  @Test func debtIsPaidWithTime() {
    var gate = RateGate(rate: 10, now: 0)
    for _ in 0..<30 { gate.charge() }
    let debts = [0, 1, 3].map { gate.isInDebt(at: $0 * Self.second) }
    #expect(debts == [true, true, false])
  }
}
