import CLinux
import EventLoop
import Glibc

/// A pipe to or from a child, close-on-exec at both ends.
final class ProcessPipe {
  private(set) var readEnd: CInt = -1
  private(set) var writeEnd: CInt = -1
  private var bytes: [UInt8] = []
  /// Whether more may come.
  private(set) var isOpen = true

  init() throws(SystemError) {
    var ends: [CInt] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError("pipe") }
    // Away from 0, 1 and 2, which the child's ends are moved onto, should this process have closed
    // any of its own.
    readEnd = fcntl(ends[0], F_DUPFD_CLOEXEC, 3)
    writeEnd = fcntl(ends[1], F_DUPFD_CLOEXEC, 3)
    let failure = SystemError("dup")
    for end in ends { Glibc.close(end) }
    guard readEnd >= 0, writeEnd >= 0 else { throw failure }
    // Only this side's reading is set not to block, and a child that reads its input from here
    // finds all of it there and then the end.
    _ = fcntl(readEnd, F_SETFL, fcntl(readEnd, F_GETFL) | O_NONBLOCK)
  }

  deinit { close() }

  /// Writes a text that fits into the pipe, and ends it.
  func fill(with text: String) throws(SystemError) {
    let (end, bytes) = (writeEnd, Array(text.utf8))
    let written = retryingInterrupts { write(end, bytes, bytes.count) }
    guard written == bytes.count else { throw SystemError("write") }
    closeWriteEnd()
  }

  /// Takes what is there now.
  func drain() {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while isOpen {
      let end = readEnd
      let count = retryingInterrupts { read(end, &chunk, chunk.count) }
      if count > 0 {
        bytes += chunk[..<min(count, ProcessResult.outputLimit - bytes.count)]
      } else if count == 0 || errno != EAGAIN {
        isOpen = false
      } else {
        return
      }
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func closeWriteEnd() {
    if writeEnd >= 0 { Glibc.close(writeEnd) }
    writeEnd = -1
  }

  func close() {
    closeWriteEnd()
    if readEnd >= 0 { Glibc.close(readEnd) }
    readEnd = -1
  }
}
