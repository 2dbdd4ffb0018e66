import TestSupport
import Testing

@testable import EventLoop

@Suite struct TimerHeapTests {
  /// Inserts and takes at random, beside a sorted array that does the same.
  @Test(arguments: 0..<32 as Range<UInt64>)
  func agreesWithASortedArray(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var heap = TimerHeap()
    var sorted: [UInt64] = []
    // A narrow range makes equal deadlines common, a wide one rare.
    let range: UInt64 = seed.isMultiple(of: 2) ? 20 : 1_000_000
    for _ in 0..<500 {
      if Bool.random(using: &generator) {
        let deadline = UInt64.random(in: 0..<range, using: &generator)
        heap.insert(Timer(deadline: deadline) {})
        sorted.append(deadline)
        sorted.sort()
      } else {
        let now = UInt64.random(in: 0..<range / 4, using: &generator)
        let due = sorted.prefix { $0 <= now }
        #expect(heap.takeDue(at: now).map(\.deadline) == Array(due))
        sorted.removeFirst(due.count)
      }
      guard heap.nextDeadline == sorted.first else {
        Issue.record("\(String(describing: heap.nextDeadline)) is next, not \(sorted.prefix(1))")
        return
      }
    }
    #expect(heap.takeDue(at: .max).map(\.deadline) == sorted)
    #expect(heap.nextDeadline == nil)
  }

  @Test func givesNothingBeforeItsTime() {
    var heap = TimerHeap()
    #expect(heap.takeDue(at: .max).isEmpty)
    heap.insert(Timer(deadline: 10) {})
    #expect(heap.takeDue(at: 9).isEmpty)
    #expect(heap.takeDue(at: 10).count == 1)
    #expect(heap.takeDue(at: 10).isEmpty)
  }

  @Test(
    arguments: [
      (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(3), 3_000_000),
      (.seconds(2), 2_000_000_000), (.seconds(-2), 0), (.nanoseconds(-1), 0),
    ] as [(Duration, UInt64)])
  func wholeNanoseconds(duration: Duration, expected: UInt64) {
    #expect(duration.nanoseconds == expected)
  }
}
