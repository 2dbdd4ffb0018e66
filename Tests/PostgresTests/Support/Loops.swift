import EventLoop
import Synchronization

extension Loop {
  /// Waits until `condition` holds; false when it doesn't within a time that only a fault takes.
  func waits(until condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<5_000 {
      if try await condition() { return true }
      await sleep(for: .milliseconds(4))
    }
    return false
  }
}

/// What happened, in order, noted from any thread.
final class Journal<Entry: Sendable>: Sendable {
  private let noted = Mutex<[Entry]>([])

  func note(_ entry: Entry) { noted.withLock { $0.append(entry) } }

  var entries: [Entry] { noted.withLock { $0 } }
}

/// The same numbers again for the same seed, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
