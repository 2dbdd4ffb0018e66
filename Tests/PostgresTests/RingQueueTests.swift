import TestSupport
import Testing

@testable import Postgres

@Suite struct RingQueueTests {
  /// Adds and takes at random, beside an array that does the same.
  @Test(arguments: 0..<32 as Range<UInt64>)
  func agreesWithAnArray(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var queue = RingQueue<Int>()
    var array: [Int] = []
    for number in 0..<2_000 {
      // Now and then it runs empty, and now and then it has to grow while it wraps around.
      switch Int.random(in: 0..<(number % 400 < 200 ? 4 : 7), using: &generator) {
      case 0...2:
        queue.append(number)
        array.append(number)
      case 3 where !array.isEmpty:
        queue.first = -number
        array[0] = -number
      default: #expect(queue.removeFirst() == (array.isEmpty ? nil : array.removeFirst()))
      }
      guard queue.first == array.first, queue.count == array.count,
        queue.isEmpty == array.isEmpty
      else {
        Issue.record("after \(number) steps: \(queue.count) elements, not \(array.count)")
        return
      }
    }
    while let element = queue.removeFirst() { #expect(element == array.removeFirst()) }
    #expect(array.isEmpty)
  }

  /// What was taken out mustn't be kept alive by the place where it lay.
  @Test func letsGoOfWhatIsTaken() {
    final class Element {}
    var queue = RingQueue<Element>()
    var element: Element? = Element()
    weak let watched = element
    if let element { queue.append(element) }
    element = nil
    #expect(watched != nil)
    queue.removeFirst()
    #expect(watched == nil)
  }
}
