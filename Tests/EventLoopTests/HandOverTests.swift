import Glibc
import Synchronization
import TestSupport
import Testing

@testable import EventLoop

/// What other threads ask of a loop.
@Suite(.timeLimit(.minutes(5))) struct HandOverTests {
  @Test func whatOneThreadHandsOverIsDoneInOrder() throws {
    let seen = Journal<Int>()
    let thread = try LoopThread(name: "test")
    for number in 0..<10_000 { thread.loop.execute { seen.note(number) } }
    thread.join()
    #expect(seen.entries == Array(0..<10_000))
  }

  @Test func manyThreadsAtOnceLoseNothing() throws {
    let seen = Journal<(thread: Int, number: Int)>()
    let thread = try LoopThread(name: "test")
    let loop = thread.loop
    let givers = try (0..<4).map { giver in
      try startThread(name: "giver\(giver)") {
        for number in 0..<25_000 { loop.execute { seen.note((giver, number)) } }
      }
    }
    for giver in givers { pthread_join(giver, nil) }
    thread.join()
    for giver in 0..<4 {
      let own = seen.entries.filter { $0.thread == giver }.map(\.number)
      #expect(own == Array(0..<25_000))
    }
  }

  @Test func itIsDoneOnTheLoopsThread() async throws {
    let places = Journal<Bool>()
    let thread = try LoopThread(name: "test")
    let loop = thread.loop
    #expect(!loop.isOnLoop)
    loop.execute { places.note(loop.isOnLoop) }
    thread.join()
    #expect(places.entries == [true])
  }

  /// Without a timer and a descriptor the loop waits for ever, so only the wake can end each step.
  @Test func aWaitingLoopIsWoken() async throws {
    let thread = try LoopThread(name: "test")
    let loop = thread.loop
    var answers: [Int] = []
    for number in 0..<200 {
      await withCheckedContinuation { continuation in
        loop.execute { continuation.resume() }
      }
      answers.append(number)
    }
    thread.join()
    #expect(answers.count == 200)
    #expect(loop.turns.load(ordering: .relaxed) > 0)
  }

  @Test func stopEndsALoopThatWaits() throws {
    let thread = try LoopThread(name: "test")
    let journal = Journal<String>()
    thread.loop.execute { journal.note("before") }
    thread.join()
    thread.loop.execute { journal.note("after") }
    #expect(journal.entries == ["before"])
  }

  @Test func stopFromTheLoopItselfEndsTheTurnUnderWay() throws {
    let thread = try LoopThread(name: "test")
    let loop = thread.loop
    let journal = Journal<String>()
    loop.execute {
      loop.stop()
      loop.execute { journal.note("the same turn") }
      journal.note("stopping")
    }
    thread.join()
    #expect(journal.entries.first == "stopping")
  }

  @Test func aTaskIsRunToItsEndOnTheCallersThread() throws {
    let here = UInt(pthread_self())
    let loop = try Loop()
    let there = runToEnd(on: loop) {
      await loop.sleep(for: .milliseconds(1))
      return UInt(pthread_self())
    }
    #expect(there == here)
  }

  /// The loop has neither a timer nor a job, so only the hook's own limit ends its waits.
  @Test func aHookShortensTheWait() async throws {
    let calls = Journal<Int>()
    try await onLoop { loop in
      await withUnsafeContinuation { continuation in
        loop.addTurnHook(
          Loop.TurnHook(
            work: {
              calls.note(calls.entries.count)
              if calls.entries.count == 20 { continuation.resume() }
            }, longestWait: { 1 }))
      }
    }
    #expect(calls.entries.count >= 20)
  }

  @Test func whatAHookMakesReadyRunsInTheSameTurn() async throws {
    let journal = Journal<String>()
    try await onLoop { loop in
      var waiting: UnsafeContinuation<Void, Never>?
      loop.addTurnHook(
        Loop.TurnHook(
          work: {
            if let continuation = waiting {
              waiting = nil
              journal.note("hook")
              continuation.resume()
            }
          }))
      await withUnsafeContinuation { waiting = $0 }
      journal.note("task")
    }
    #expect(journal.entries == ["hook", "task"])
  }
}
