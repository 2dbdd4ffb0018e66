import EventLoop
import Glibc

/// A file that its owner alone may read, and that is whole or not there: it gets its name when it is
/// finished, and goes where it never is.
final class NewFile {
  let descriptor: CInt
  /// Where it is until then.
  let temporary: String
  private let path: String
  private var isFinished = false

  init(_ path: String) throws(SystemError) {
    self.path = path
    temporary = "\(path).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError(temporary) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isFinished { unlink(temporary) }
  }

  /// Makes sure that what was written is on the disk.
  func sync() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw SystemError(temporary) }
  }

  func finish() throws(SystemError) {
    guard rename(temporary, path) == 0 else { throw SystemError(path) }
    isFinished = true
  }
}
