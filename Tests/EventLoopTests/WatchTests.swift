import Glibc
import TestSupport
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(5))) struct WatchTests {
  /// Lets the loop wait for its descriptors a few times; what is ready is delivered each time.
  private static func turn(_ loop: Loop) async {
    for _ in 0..<4 { await loop.sleep(for: .milliseconds(1)) }
  }

  @Test func aHandlerIsCalledWhileThereIsSomethingToRead() async throws {
    let pipe = try TestPipe()
    let bytes = Journal<UInt8>()
    try await onLoop { loop in
      let watch = loop.watch(pipe.reader, for: .read) { ready in
        if ready.contains(.read), let byte = pipe.take(1).first { bytes.note(byte) }
      }
      await Self.turn(loop)
      #expect(bytes.entries.isEmpty)
      for byte in 1...3 as ClosedRange<UInt8> { pipe.put([byte]) }
      while bytes.entries.count < 3 { await loop.sleep(for: .milliseconds(1)) }
      loop.cancel(watch)
      pipe.put([4])
      await Self.turn(loop)
    }
    #expect(bytes.entries == [1, 2, 3])
  }

  @Test func anUpdateChangesWhatIsWaitedFor() async throws {
    let pipe = try TestPipe()
    let calls = Journal<UInt32>()
    try await onLoop { loop in
      pipe.put([1])
      let watch = loop.watch(pipe.reader, for: .read) { calls.note($0.rawValue) }
      await Self.turn(loop)
      // Level-triggered: what isn't read is told again and again.
      #expect(calls.entries.count > 1)
      loop.update(watch, for: [])
      #expect(watch.interest == [])
      let before = calls.entries.count
      await Self.turn(loop)
      #expect(calls.entries.count == before)
      loop.update(watch, for: .read)
      await Self.turn(loop)
      #expect(calls.entries.count > before)
      loop.cancel(watch)
    }
  }

  @Test func roomToWriteAndAHangUpAreTold() async throws {
    let pipe = try TestPipe()
    let told = Journal<Readiness>()
    try await onLoop { loop in
      let writing = loop.watch(pipe.writer, for: .write) { told.note($0) }
      await Self.turn(loop)
      loop.cancel(writing)
      #expect(told.entries.first == .write)

      let other = dup(pipe.reader)
      let reading = loop.watch(other, for: .read) { told.note($0) }
      let empty = open("/dev/null", O_RDWR)
      // Nobody has the end for writing any more.
      dup2(empty, pipe.writer)
      close(empty)
      while told.entries.last?.contains(.hangUp) != true { await Self.turn(loop) }
      loop.cancel(reading)
      close(other)
    }
    #expect(told.entries.last?.contains(.hangUp) == true)
  }

  /// The kernel gives a number out again as soon as it is closed.
  @Test func anOldWatchDoesNotEndOneOfTheSameNumber() async throws {
    let pipe = try TestPipe()
    let calls = Journal<String>()
    try await onLoop { loop in
      let old = loop.watch(pipe.reader, for: .read) { _ in calls.note("old") }
      loop.cancel(old)
      let new = loop.watch(pipe.reader, for: .read) { _ in
        _ = pipe.take(1)
        calls.note("new")
      }
      loop.cancel(old)
      loop.update(old, for: [])
      pipe.put([1])
      await Self.turn(loop)
      loop.cancel(new)
    }
    #expect(calls.entries == ["new"])
  }

  @Test func aHandlerMayCancelAWatchThatIsReadyInTheSameTurn() async throws {
    let (one, two) = (try TestPipe(), try TestPipe())
    let calls = Journal<Int>()
    try await onLoop { loop in
      var watches: [Watch] = []
      for (index, pipe) in [one, two].enumerated() {
        pipe.put([1])
        watches.append(
          loop.watch(pipe.reader, for: .read) { _ in
            calls.note(index)
            for watch in watches { loop.cancel(watch) }
          })
      }
      await Self.turn(loop)
      // Each holds them all by its handler.
      watches = []
    }
    #expect(calls.entries.count == 1)
  }
}
