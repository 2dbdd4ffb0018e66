import CLinux
import EventLoop
import Glibc

/// A pipe whose ends no child inherits but the one that is given them. Closing them is the caller's.
struct Pipe {
  let readEnd: CInt
  let writeEnd: CInt

  init() throws(SystemError) {
    var ends: [CInt] = [0, 0]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError("pipe") }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }
}
