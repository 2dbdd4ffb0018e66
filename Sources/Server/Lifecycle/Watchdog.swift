import EventLoop

/// Tells the service manager that every loop turns, twice in the time within which it wants to know.
/// A loop that hangs ends it; a database that is away doesn't.
///
/// `@unchecked Sendable`: touched only on the first loop's thread, which the others answer through.
final class Watchdog: @unchecked Sendable {
  private let loops: [Loop]
  private let interval: Duration
  /// Loops that haven't answered yet.
  private var silent = 0

  /// - Parameter loops: the first is the caller's own.
  init?(_ loops: [Loop]) {
    guard let interval = ServiceManager.watchdogInterval else { return nil }
    self.loops = loops
    self.interval = interval
  }

  func start() {
    loops[0].preconditionOnLoop()
    // Who hasn't answered yet isn't asked again.
    if silent == 0 { ask() }
    loops[0].schedule(after: interval / 2) { [weak self] in self?.start() }
  }

  private func ask() {
    silent = loops.count
    for loop in loops {
      loop.execute { [self] in loops[0].execute { [self] in answered() } }
    }
  }

  private func answered() {
    silent -= 1
    if silent == 0 { ServiceManager.isAlive() }
  }
}
