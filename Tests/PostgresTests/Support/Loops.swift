import EventLoop

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
