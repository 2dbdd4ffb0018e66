import Glibc
import Synchronization
import TestSupport
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(5))) struct TaskTests {
  private actor Elsewhere {
    func visit() {}
  }

  private static func deep(_ depth: Int, _ loop: Loop) async -> Bool {
    guard depth > 0 else { return loop.isOnLoop }
    await Task.yield()
    return await deep(depth - 1, loop)
  }

  /// The one place where a library's callback or a worker thread comes back into a task.
  private static func resumedFromAThread() async throws {
    try await withUnsafeThrowingContinuation {
      (continuation: UnsafeContinuation<Void, any Error>) in
      do {
        pthread_detach(try startThread(name: "resumer") { continuation.resume() })
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  @Test func everyAsyncFunctionRunsOnTheLoop() async throws {
    let places = Journal<(String, Bool)>()
    try await onLoop { loop in
      func note(_ place: String) { places.note((place, loop.isOnLoop)) }
      note("at once")
      places.note(("in a function", await Self.deep(5, loop)))
      await loop.sleep(for: .milliseconds(1))
      note("behind a sleep")
      try await Self.resumedFromAThread()
      note("behind a continuation that another thread resumed")
      await Elsewhere().visit()
      note("behind an actor")
      await Task.detached {}.value
      note("behind another task")
      async let child = Self.deep(1, loop)
      places.note(("in a child", await child))
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<3 { group.addTask { await Self.deep(2, loop) } }
        for await isOnLoop in group { places.note(("in a group", isOnLoop)) }
      }
      // Otherwise nothing above could fail.
      let stranger = await Task.detached { loop.isOnLoop }.value
      places.note(("a detached task is elsewhere", !stranger))
    }
    #expect(places.entries.count == 11)
    #expect(places.entries.filter { !$0.1 }.map(\.0) == [])
  }

  @Test func tasksTakeTurns() async throws {
    let order = Journal<String>()
    try await onLoop { loop in
      await withTaskGroup(of: Void.self) { group in
        for name in ["a", "b", "c"] {
          group.addTask {
            for step in 0..<3 {
              order.note("\(name)\(step)")
              await Task.yield()
            }
          }
        }
      }
    }
    #expect(order.entries == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"])
  }

  @Test func aHundredThousandJobs() async throws {
    let sum = try await onLoop { loop in
      await withTaskGroup(of: Int.self) { group in
        for number in 0..<100_000 { group.addTask { number } }
        return await group.reduce(0, +)
      }
    }
    #expect(sum == 100_000 * 99_999 / 2)
  }

  /// Tasks that keep making each other ready must not keep sockets and timers waiting.
  @Test func tasksThatFeedEachOtherDoNotStarveTimers() async throws {
    let isOver = Atomic<Bool>(false)
    let hasFired = try await onLoop { loop in
      loop.schedule(after: .milliseconds(1)) { isOver.store(true, ordering: .relaxed) }
      while !isOver.load(ordering: .relaxed) { await Task.yield() }
      return true
    }
    #expect(hasFired)
  }

  @Test func errorsComeThrough() async throws {
    await #expect(throws: CancellationError.self) {
      try await onLoop { _ in throw CancellationError() }
    }
  }
}
