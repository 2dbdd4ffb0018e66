/// A queue that takes at one end and gives at the other in constant time.
struct RingQueue<Element> {
  private var storage: [Element?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// The oldest element. Setting it replaces the oldest; there must be one.
  var first: Element? {
    get { count == 0 ? nil : storage[head] }
    set {
      precondition(count > 0, "an empty queue has no first element")
      storage[head] = newValue
    }
  }

  /// The youngest element. Setting it replaces the youngest; there must be one.
  var last: Element? {
    get { count == 0 ? nil : storage[(head + count - 1) & (storage.count - 1)] }
    set {
      precondition(count > 0, "an empty queue has no last element")
      storage[(head + count - 1) & (storage.count - 1)] = newValue
    }
  }

  mutating func append(_ element: Element) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = element
    count += 1
  }

  @discardableResult
  mutating func removeFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = storage[head].take()
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return element
  }

  /// The capacity stays a power of two, so that wrapping around is a mask.
  private mutating func grow() {
    var larger = [Element?](repeating: nil, count: max(16, storage.count * 2))
    for index in 0..<count {
      larger[index] = storage[(head + index) & (storage.count - 1)]
    }
    storage = larger
    head = 0
  }
}
