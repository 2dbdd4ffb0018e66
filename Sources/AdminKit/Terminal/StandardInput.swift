import Glibc
import Synchronization

/// Standard input by lines.
///
/// The C library's own buffer is of no use here: a read that Ctrl-C breaks off would begin again by
/// itself.
enum StandardInput {
  private static let lines = Mutex(LineBuffer())
  private static let pieceSize = 65_536

  /// - Returns: the line's bytes without its end; nil at the end, behind which a terminal goes on.
  /// - Throws: where Ctrl-C was pressed meanwhile.
  static func readLine() throws(Failure) -> ArraySlice<UInt8>? {
    try lines.withLock { lines throws(Failure) in try lines.next(read) }
  }

  private static func read() throws(Failure) -> [UInt8] {
    try Interrupt.waitForInput()
    let piece = [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, count in
      while true {
        let read = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
        if read < 0, errno == EINTR, !Interrupt.isRaised { continue }
        count = max(0, read)
        return
      }
    }
    try Interrupt.check()
    return piece
  }
}
