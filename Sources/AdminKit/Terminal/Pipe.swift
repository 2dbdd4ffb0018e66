import EventLoop
import Glibc

/// A pipe whose ends no child inherits but the one that is given them. Closing them is the caller's.
struct Pipe {
  let readEnd: CInt
  let writeEnd: CInt

  init() throws(SystemError) {
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }
}
