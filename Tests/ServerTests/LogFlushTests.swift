import EventLoop
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct LogFlushTests {
  /// Runs `body` with a hook, its log, a switch for whether there is much to do, and what the log has
  /// written since it was last asked for.
  private func withHook(
    _ body:
      @escaping @Sendable (
        _ loop: Loop, _ hook: Loop.TurnHook, _ log: Log, _ setBusy: (Bool) -> Void,
        _ written: () -> Int
      ) async -> Void
  ) async throws {
    try await onLoop { loop in
      let pipe = try TestPipe(O_NONBLOCK)
      let log = try Log(Log.Settings(), descriptor: pipe.writer, journal: nil)
      let isBusy = Atomic(false)
      let hook = LogFlush(log, on: loop) { isBusy.load(ordering: .relaxed) }.hook
      await body(loop, hook, log, { isBusy.store($0, ordering: .relaxed) }) {
        pipe.take().count
      }
    }
  }

  @Test func eachTurnsLinesAreWritten() async throws {
    try await withHook { _, hook, log, _, written in
      for _ in 0..<2 {
        log(.info, "m")
        hook.work()
        #expect(written() > 0)
        #expect(hook.longestWait() == -1)
      }
    }
  }

  @Test func theyArePutOffWhileThereIsMuchToDo() async throws {
    try await withHook { _, hook, log, setBusy, written in
      hook.work()
      setBusy(true)
      log(.info, "m")
      hook.work()
      #expect(written() == 0)
      #expect(hook.longestWait() == 5)
      setBusy(false)
      hook.work()
      #expect(written() > 0)
    }
  }

  @Test func theyArePutOffForAMoment() async throws {
    try await withHook { loop, hook, log, setBusy, written in
      hook.work()
      setBusy(true)
      log(.info, "m")
      hook.work()
      #expect(written() == 0)
      await loop.sleep(for: .milliseconds(6))
      hook.work()
      #expect(written() > 0)
      #expect(hook.longestWait() == -1)
    }
  }

  @Test func whatIsUrgentIsWrittenAtOnce() async throws {
    try await withHook { _, hook, log, setBusy, written in
      hook.work()
      setBusy(true)
      log(.info, "m")
      log(.warning, "w")
      #expect(written() > 0)
    }
  }
}
