import EventLoop

/// When the log is written: at the end of each turn of a loop, and every few milliseconds while there
/// is much to do, because each time is a call of the kernel's.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class LogFlush: @unchecked Sendable {
  private let log: Log
  private let loop: Loop
  private let isBusy: () -> Bool
  /// The turn of the last time, by its time.
  private var last: UInt64 = 0
  private var isPutOff = false

  /// Milliseconds that a line waits at the most.
  private static let longestWait: Int64 = 5

  init(_ log: Log, on loop: Loop, isBusy: @escaping () -> Bool) {
    self.log = log
    self.loop = loop
    self.isBusy = isBusy
  }

  /// Keeps this alive as long as the loop.
  var hook: Loop.TurnHook {
    .init(
      work: { [self] in work() }, longestWait: { [self] in isPutOff ? Self.longestWait : -1 })
  }

  private func work() {
    isPutOff = loop.now &- last < UInt64(Self.longestWait) * 1_000_000 && isBusy()
    guard !isPutOff else { return }
    last = loop.now
    log.flush()
  }
}
