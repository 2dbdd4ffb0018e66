import Glibc
import Testing

@testable import Server

@Suite struct LogTargetTests {
  private func lines(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { Array("line \($0)\n".utf8) }
  }

  private func notice(_ lost: Int) -> [UInt8] { Array("lost \(lost)\n".utf8) }

  private func read(_ descriptor: CInt) -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// A pipe that takes no more is a disk that is full: what doesn't fit is lost, and said later.
  @Test func whatIsLostIsSaid() throws {
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    defer { for end in ends { close(end) } }
    while Glibc.write(ends[1], "x", 1) == 1 {}
    var target = LogTarget(descriptor: ends[1])
    let lost = [target.write(lines(3), notice: notice), target.write(lines(2), notice: notice)]
    #expect(lost == [3, 2])
    _ = read(ends[0])
    let missing = target.write(lines(1), notice: notice)
    #expect(missing == 0)
    #expect(read(ends[0]) == "lost 5\nline 0\n")
    _ = target.write(lines(1), notice: notice)
    #expect(read(ends[0]) == "line 0\n")
  }

  /// A reader that is behind, or a disk that fills, cuts within a line.
  @Test func aLineThatWasCutIsWrittenToItsEnd() throws {
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    defer { for end in ends { close(end) } }
    var target = LogTarget(descriptor: ends[1])
    let missing = target.write(lines(10_000), notice: notice)
    let beginning = read(ends[0])
    try #require(!beginning.hasSuffix("\n"))
    let again = target.write(lines(1), notice: notice)
    #expect(again == 0)
    let all = (beginning + read(ends[0])).split(separator: "\n")
    let whole = (0..<10_000 - missing).map { "line \($0)" }
    #expect(all.map(String.init) == whole + ["lost \(missing)", "line 0"])
  }

  @Test func theJournalIsKnownByItsSocket() throws {
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    var status = stat()
    fstat(ends[1], &status)
    let target = LogTarget(descriptor: ends[1])
    let own = "\(status.st_dev):\(status.st_ino)"
    let known = [own, "\(status.st_dev):1", "", "x", nil].filter { target.isJournal($0) }
    #expect(known == [own])
  }
}
