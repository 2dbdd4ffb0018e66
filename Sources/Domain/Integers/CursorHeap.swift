/// Cursors of which the one with the smallest index is always at hand.
struct CursorHeap {
  var cursors: [UnitCursor]
  /// Positions in `cursors`: none has a smaller index than the one above it. Those at their end
  /// don't stand here.
  private var heap: [Int] = []

  init(_ cursors: [UnitCursor]) {
    self.cursors = cursors
    rebuild()
  }

  /// Puts all in order again, after they were moved by somebody else.
  mutating func rebuild() {
    heap.removeAll(keepingCapacity: true)
    for number in cursors.indices where !cursors[number].isAtEnd {
      heap.append(number)
      siftUp(heap.count - 1)
    }
  }

  /// The cursor with the smallest index; nil where all are at their end.
  var top: Int? { heap.first }

  /// Moves the top one on.
  mutating func advanceTop() {
    guard let top else { return }
    if !cursors[top].advance() {
      let end = heap.removeLast()
      if heap.isEmpty { return }
      heap[0] = end
    }
    siftDown()
  }

  private func index(_ place: Int) -> Int64 { cursors[heap[place]].index }

  private mutating func siftUp(_ start: Int) {
    var place = start
    while place > 0, index(place) < index((place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func siftDown() {
    var place = 0
    while true {
      var smallest = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && index(child) < index(smallest) {
        smallest = child
      }
      guard smallest != place else { return }
      heap.swapAt(place, smallest)
      place = smallest
    }
  }
}
