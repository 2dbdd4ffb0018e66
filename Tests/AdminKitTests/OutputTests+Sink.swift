import Domain
import EventLoop
import Glibc
import Postgres
import TestSupport
import Testing

@testable import AdminKit

@Suite struct OutputSinkTests {
  @Test func bytesGoOutInLargePieces() throws {
    final class Pieces: ByteSink {
      var sizes: [Int] = []
      func write(_ bytes: [UInt8]) { sizes.append(bytes.count) }
    }
    for format in OutputFormat.allCases {
      let pieces = Pieces()
      let renderer = makeRenderer(
        columns: accountColumns, shape: .many, style: OutputStyle(format), sink: pieces)
      try renderer.begin()
      for _ in 0..<20_000 { try renderer.row(annRow) }
      try renderer.end()
      let full = pieces.sizes.dropLast()
      #expect(!full.isEmpty)
      #expect(full.allSatisfy { (65_536..<66_000).contains($0) })
    }
  }

  @Test func aReaderThatHasGoneIsTold() throws {
    // The process's own disposition, which nothing in the tests relies on.
    signal(SIGPIPE, SIG_IGN)
    let pipe = try TestPipe()
    pipe.close(pipe.reader)
    let renderer = makeRenderer(
      columns: accountColumns, shape: .many, style: OutputStyle(.jsonl),
      sink: DescriptorSink(pipe.writer))
    try renderer.begin()
    try renderer.row(annRow)
    #expect(throws: ReaderGone()) { try renderer.end() }
  }

  @Test func aFullDeviceIsTold() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let error = #expect(throws: SystemError.self) { try DescriptorSink(full).write([0x61]) }
    #expect(error?.description == "standard output: No space left on device")
  }

  @Test func aPipeThatDoesNotBlockIsWaitedFor() throws {
    let pipe = try TestPipe(O_NONBLOCK)
    // The reader may wait.
    try #require(fcntl(pipe.reader, F_SETFL, 0) == 0)
    // More than a pipe holds, so the writer has to wait for the reader.
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let failures = Journal<String>()
    let writing = try startThread(name: "writer") {
      do { try DescriptorSink(pipe.writer).write(bytes) } catch { failures.note("\(error)") }
      pipe.close(pipe.writer)
    }
    var received: [UInt8] = []
    while case let some = pipe.take(10_000), !some.isEmpty { received += some }
    pthread_join(writing, nil)
    #expect(failures.entries.isEmpty)
    #expect(received == bytes)
  }
}
