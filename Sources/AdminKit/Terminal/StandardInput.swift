import Glibc
import Synchronization

/// Standard input by lines.
///
/// The C library's own buffer is of no use here: a read that Ctrl-C breaks off would begin again by
/// itself.
enum StandardInput {
  private struct State {
    var buffer: [UInt8] = []
    var position = 0
    var isAtEnd = false
  }

  private static let state = Mutex(State())
  private static let pieceSize = 65_536

  /// - Returns: the line's bytes without its end; nil at the end.
  /// - Throws: where Ctrl-C was pressed meanwhile.
  static func readLine() throws(Failure) -> ArraySlice<UInt8>? {
    try state.withLock { state throws(Failure) in
      var searched = state.position
      while true {
        if let end = state.buffer[searched...].firstIndex(of: 0x0A) {
          defer { state.position = end + 1 }
          return state.buffer[state.position..<end]
        }
        searched = state.buffer.count
        if state.isAtEnd {
          guard state.position < state.buffer.count else {
            // A terminal goes on behind its Ctrl-D.
            state.isAtEnd = false
            return nil
          }
          defer { state.position = state.buffer.count }
          return state.buffer[state.position...]
        }
        if state.position > 0 {
          state.buffer.removeSubrange(..<state.position)
          searched -= state.position
          state.position = 0
        }
        let piece = try read()
        state.isAtEnd = piece.isEmpty
        state.buffer += piece
      }
    }
  }

  private static func read() throws(Failure) -> [UInt8] {
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
