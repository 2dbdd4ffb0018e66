import EventLoop
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct TaskPoolTests {
  /// Which task this is.
  private static var task: Int { withUnsafeCurrentTask { $0.hashValue } }

  /// Lets everything on the loop run that can.
  private static func settle(_ loop: Loop) async {
    for _ in 0..<4 { await loop.nextTurn() }
  }

  @Test func aTaskIsKeptForTheNextWork() async throws {
    let journal = Journal<Int>()
    try await onLoop { loop in
      let pool = TaskPool<Int>(loop: loop) { _ in journal.note(Self.task) }
      for number in 0..<5 {
        pool.run(number)
        await Self.settle(loop)
      }
      pool.close()
    }
    #expect(journal.entries.count == 5 && Set(journal.entries).count == 1)
  }

  @Test func whatComesMeanwhileHasATaskOfItsOwn() async throws {
    let begun = Journal<Int>()
    let ended = Journal<Int>()
    try await onLoop { loop in
      let pool = TaskPool<Int>(loop: loop) { number in
        begun.note(number)
        if number == 0 {
          while ended.entries.count < 2 { await loop.nextTurn() }
        } else {
          await loop.sleep(for: .milliseconds(1))
        }
        ended.note(number)
      }
      for number in 0..<3 { pool.run(number) }
      await Self.settle(loop)
      #expect(begun.entries == [0, 1, 2])
      while ended.entries.count < 3 { await loop.nextTurn() }
      pool.close()
    }
    #expect(ended.entries.last == 0)
  }

  /// More at once than are kept afterwards.
  @Test func manyAtOnce() async throws {
    let journal = Journal<Int>()
    try await onLoop { loop in
      let pool = TaskPool<Int>(loop: loop) { number in
        await loop.nextTurn()
        journal.note(number)
      }
      for round in 0..<2 {
        for number in 0..<1_000 { pool.run(round * 1_000 + number) }
        while journal.entries.count < (round + 1) * 1_000 { await loop.nextTurn() }
      }
      pool.close()
    }
    #expect(journal.entries.sorted() == Array(0..<2_000))
  }

  private final class Thing: Sendable {}

  @Test func nothingOfItsWorkStaysWithATask() async throws {
    try await onLoop { loop in
      let pool = TaskPool<Thing>(loop: loop) { _ in }
      weak var thing: Thing?
      do {
        let made = Thing()
        thing = made
        pool.run(made)
      }
      await Self.settle(loop)
      #expect(thing == nil)
      pool.close()
    }
  }

  @Test func aClosedPoolKeepsNoTask() async throws {
    try await onLoop { loop in
      weak var gone: TaskPool<Int>?
      do {
        let pool = TaskPool<Int>(loop: loop) { _ in await loop.nextTurn() }
        gone = pool
        pool.run(1)
        await Self.settle(loop)
        pool.run(2)
        pool.close()
      }
      await Self.settle(loop)
      #expect(gone == nil)
    }
  }
}
