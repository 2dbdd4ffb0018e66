import Synchronization
import Testing

@testable import EventLoop

@Suite struct LoopTests {
  /// Runs `body` on a loop's thread of its own and gives what it returns.
  private func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (Loop) async -> Value
  ) async throws -> Value {
    let thread = try LoopThread(name: "test")
    defer { thread.join() }
    let task = Task(executorPreference: thread.loop) { await body(thread.loop) }
    return await task.value
  }

  @Test func aTaskStaysOnItsLoop() async throws {
    let stayed = try await onLoop { loop in
      var stayed = loop.isOnLoop
      await loop.sleep(for: .milliseconds(5))
      stayed = stayed && loop.isOnLoop
      // Resumed from another thread, it comes back.
      await withUnsafeContinuation { continuation in
        Task.detached { continuation.resume() }
      }
      return stayed && loop.isOnLoop
    }
    #expect(stayed)
  }

  @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
    let order = Mutex<[Int]>([])
    _ = try await onLoop { loop in
      for delay in [30, 10, 20] {
        loop.schedule(after: .milliseconds(delay)) { order.withLock { $0.append(delay) } }
      }
      let cancelled = loop.schedule(after: .milliseconds(5)) { order.withLock { $0.append(5) } }
      cancelled.cancel()
      await loop.sleep(for: .milliseconds(60))
      return true
    }
    #expect(order.withLock { $0 } == [10, 20, 30])
  }

  @Test func whatOtherThreadsHandOverIsDoneInOrder() async throws {
    let seen = Mutex<[Int]>([])
    let thread = try LoopThread(name: "test")
    for number in 0..<10_000 { thread.loop.execute { seen.withLock { $0.append(number) } } }
    await Task(executorPreference: thread.loop) {}.value
    thread.join()
    #expect(seen.withLock { $0 } == Array(0..<10_000))
  }

  @Test func theHeapGivesTimersByDeadline() {
    var heap = TimerHeap()
    let deadlines = (0..<1_000).map { _ in UInt64.random(in: 0..<500) }
    for deadline in deadlines { heap.insert(Timer(deadline: deadline) {}) }
    let due = heap.takeDue(at: 249)
    #expect(due.map(\.deadline) == deadlines.filter { $0 <= 249 }.sorted())
    #expect(heap.nextDeadline == deadlines.filter { $0 > 249 }.min())
  }
}
