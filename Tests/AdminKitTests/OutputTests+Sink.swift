import Domain
import EventLoop
import Glibc
import Postgres
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
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let renderer = makeRenderer(
      columns: accountColumns, shape: .many, style: OutputStyle(.jsonl),
      sink: DescriptorSink(ends[1]))
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

  @Test func aPipeThatDoesNotBlockIsWaitedFor() async throws {
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    try #require(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
    defer { close(reader) }
    // More than a pipe holds, so the writer has to wait for the reader.
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let writing = Task.detached {
      defer { close(writer) }
      try DescriptorSink(writer).write(bytes)
    }
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 10_000)
    while true {
      let count = read(reader, &chunk, chunk.count)
      if count <= 0 { break }
      received += chunk[..<count]
    }
    try await writing.value
    #expect(received == bytes)
  }
}
