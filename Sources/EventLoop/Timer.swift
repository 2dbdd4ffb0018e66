/// Something a loop does once, later.
public final class Timer {
  let deadline: UInt64
  private var body: (() -> Void)?

  init(deadline: UInt64, body: @escaping () -> Void) {
    self.deadline = deadline
    self.body = body
  }

  /// Nothing happens when the time comes. What the body holds is let go at once.
  public func cancel() { body = nil }

  func fire() {
    let body = self.body
    self.body = nil
    body?()
  }
}

/// Timers ordered by deadline: a binary heap in which a cancelled timer stays until its time.
struct TimerHeap {
  private var heap: [Timer] = []

  var nextDeadline: UInt64? { heap.first?.deadline }

  mutating func insert(_ timer: Timer) {
    heap.append(timer)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].deadline < heap[parent].deadline else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out what is due at `now`, earliest first, for the caller to fire: a timer's body may
  /// schedule others, which then wait for the next call.
  mutating func takeDue(at now: UInt64) -> [Timer] {
    var due: [Timer] = []
    while let first = heap.first, first.deadline <= now {
      due.append(first)
      removeFirst()
    }
    return due
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].deadline < heap[smallest].deadline {
        smallest = child
      }
      if smallest == parent { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}

extension Duration {
  /// Whole nanoseconds, 0 for what is negative.
  public var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
  }
}
