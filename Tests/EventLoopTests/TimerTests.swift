import Glibc
import TestSupport
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(5))) struct TimerTests {
  @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
    let order = Journal<UInt64>()
    try await onLoop { loop in
      for delay in [30, 10, 20] {
        var timer: EventLoop.Timer?
        timer = loop.schedule(after: .milliseconds(delay)) { order.note(timer?.deadline ?? 0) }
      }
      loop.schedule(after: .milliseconds(5)) { order.note(0) }.cancel()
      // Later than the others by its deadline, and so fired behind them however late all are.
      await loop.sleep(for: .milliseconds(40))
    }
    #expect(order.entries.count == 3 && order.entries == order.entries.sorted())
  }

  @Test func oneTimerMayCancelAnotherThatIsDueInTheSameTurn() async throws {
    let order = Journal<String>()
    try await onLoop { loop in
      var second: EventLoop.Timer?
      loop.schedule(after: .milliseconds(1)) {
        order.note("first")
        second?.cancel()
      }
      second = loop.schedule(after: .milliseconds(2)) { order.note("second") }
      // Both are due when the loop next looks.
      usleep(5_000)
      await loop.sleep(for: .milliseconds(1))
    }
    #expect(order.entries == ["first"])
  }

  @Test func aTimerMaySetAnother() async throws {
    let order = Journal<Int>()
    try await onLoop { loop in
      loop.schedule(after: .zero) {
        order.note(1)
        loop.schedule(after: .zero) { order.note(2) }
      }
      while order.entries.count < 2 { await loop.sleep(for: .milliseconds(1)) }
    }
    #expect(order.entries == [1, 2])
  }

  @Test func aCancelledTimerLetsGoOfWhatItHolds() async throws {
    final class Held: Sendable {}
    let isGone = try await onLoop { loop in
      var held: Held? = Held()
      weak let watched = held
      let timer = loop.schedule(after: .seconds(3_600)) { [held] in _ = held }
      held = nil
      let wasHeld = watched != nil
      timer.cancel()
      return wasHeld && watched == nil
    }
    #expect(isGone)
  }

  @Test func whatIsDoneInTimeIsGiven() async throws {
    let value = try await onLoop { loop in
      await loop.withDeadline(.seconds(600)) {
        await loop.sleep(for: .milliseconds(1))
        return 7
      }
    }
    #expect(value == 7)
  }

  @Test func whatTakesTooLongGoesOnForNobody() async throws {
    let journal = Journal<String>()
    try await onLoop { loop in
      let value = await loop.withDeadline(.milliseconds(1)) {
        while journal.entries.isEmpty { await loop.sleep(for: .milliseconds(1)) }
        journal.note("body")
        return 7
      }
      #expect(value == nil)
      journal.note("caller")
      while journal.entries.count < 2 { await loop.sleep(for: .milliseconds(1)) }
    }
    #expect(journal.entries == ["caller", "body"])
  }
}
