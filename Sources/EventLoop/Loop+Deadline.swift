import Synchronization

extension Loop {
  /// Runs `body` on the loop and gives what it gives, or nil when that takes longer than `limit`;
  /// the body goes on then, for nobody.
  public func withDeadline<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async -> Value
  ) async -> Value? {
    await withUnsafeContinuation { continuation in
      let race = Race(continuation)
      let timer = schedule(after: limit) { race.finish(nil) }
      let loop = self
      let timers = TimerBox(timer)
      Task(executorPreference: loop) {
        let value = await body()
        timers.timer.cancel()
        race.finish(value)
      }
    }
  }
}

/// Resumes its continuation once, with whatever comes first.
private final class Race<Value: Sendable>: Sendable {
  private let continuation: Mutex<UnsafeContinuation<Value?, Never>?>

  init(_ continuation: UnsafeContinuation<Value?, Never>) {
    self.continuation = Mutex(continuation)
  }

  func finish(_ value: Value?) {
    let waiting = continuation.withLock { $0.take() }
    waiting?.resume(returning: value)
  }
}

/// Carries a timer into a task of the same loop.
///
/// `@unchecked Sendable`: the timer is made and cancelled on the loop that both run on.
private struct TimerBox: @unchecked Sendable {
  let timer: Timer

  init(_ timer: Timer) { self.timer = timer }
}
