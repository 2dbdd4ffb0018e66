import Glibc
import TestSupport
import Testing

@testable import Server

@Suite struct LogTargetTests {
  private func lines(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { Array("line \($0)\n".utf8) }
  }

  private func notice(_ lost: Int) -> [UInt8] { Array("lost \(lost)\n".utf8) }

  private func read(_ pipe: TestPipe) -> String {
    String(decoding: pipe.take(1 << 20), as: UTF8.self)
  }

  /// A pipe that takes no more is a disk that is full: what doesn't fit is lost, and said later.
  @Test func whatIsLostIsSaid() throws {
    let pipe = try TestPipe(O_NONBLOCK)
    while pipe.put([0x78]) == 1 {}
    var target = LogTarget(descriptor: pipe.writer)
    let lost = [target.write(lines(3), notice: notice), target.write(lines(2), notice: notice)]
    #expect(lost == [3, 2])
    _ = read(pipe)
    let missing = target.write(lines(1), notice: notice)
    #expect(missing == 0)
    #expect(read(pipe) == "lost 5\nline 0\n")
    _ = target.write(lines(1), notice: notice)
    #expect(read(pipe) == "line 0\n")
  }

  /// A reader that is behind, or a disk that fills, cuts within a line.
  @Test func aLineThatWasCutIsWrittenToItsEnd() throws {
    let pipe = try TestPipe(O_NONBLOCK)
    var target = LogTarget(descriptor: pipe.writer)
    let missing = target.write(lines(10_000), notice: notice)
    let beginning = read(pipe)
    try #require(!beginning.hasSuffix("\n"))
    let again = target.write(lines(1), notice: notice)
    #expect(again == 0)
    let all = (beginning + read(pipe)).split(separator: "\n")
    let whole = (0..<10_000 - missing).map { "line \($0)" }
    #expect(all.map(String.init) == whole + ["lost \(missing)", "line 0"])
  }

  @Test func theJournalIsKnownByItsSocket() throws {
    let pipe = try TestPipe()
    var status = stat()
    fstat(pipe.writer, &status)
    let target = LogTarget(descriptor: pipe.writer)
    let own = "\(status.st_dev):\(status.st_ino)"
    let known = [own, "\(status.st_dev):1", "", "x", nil].filter { target.isJournal($0) }
    #expect(known == [own])
  }
}
