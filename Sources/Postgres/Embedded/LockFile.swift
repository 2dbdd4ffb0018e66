import EventLoop
import Glibc

/// A file that processes lock to take turns. The kernel drops the lock of a process that dies, and
/// the lock goes with the object at the latest.
final class LockFile: Sendable {
  enum Mode { case shared, exclusive }

  let path: String
  private let descriptor: CInt

  /// Opens the file, making it where there is none.
  ///
  /// - Parameter owner: Whom a new file belongs to, so that root's processes and those of the user
  ///   that PostgreSQL runs as can lock the same one.
  init(path: String, owner: ServiceAccount) throws(SystemError) {
    self.path = path
    while true {
      let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if made >= 0 {
        descriptor = made
        if geteuid() == 0, owner.uid != 0, fchown(made, owner.uid, owner.gid) != 0 {
          throw SystemError("fchown \(path)")
        }
        return
      }
      guard errno == EEXIST else { throw SystemError("open \(path)") }
      let found = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if found >= 0 {
        descriptor = found
        return
      }
      // Gone between the two: make it after all.
      guard errno == ENOENT else { throw SystemError("open \(path)") }
    }
  }

  /// Opens a file that exists; nil where there is none or it can't be opened.
  init?(existing path: String) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0 { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The file's number, for a child that is to hold the lock for as long as it runs.
  var number: CInt { descriptor }

  /// Locks without waiting; false when somebody else's lock is in the way. A lock that is held in
  /// the other mode is lost when this fails.
  func tryLock(_ mode: Mode) -> Bool {
    let operation = mode == .shared ? LOCK_SH : LOCK_EX
    let descriptor = descriptor
    return retryingInterrupts { flock(descriptor, operation | LOCK_NB) } == 0
  }

  /// Locks for this process alone, waiting for others to unlock.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait.
  ///   - onWait: Called once when there is somebody to wait for.
  /// - Returns: False when the time is up.
  func lockExclusively(timeout: Duration, onWait: () -> Void) -> Bool {
    if tryLock(.exclusive) { return true }
    onWait()
    return poll(for: timeout) { tryLock(.exclusive) }
  }

  func unlock() { flock(descriptor, LOCK_UN) }
}

/// Asks again and again, first after 1 ms and later every 20 ms, until the answer is yes.
///
/// - Returns: False when the time is up.
func poll(for timeout: Duration, until isDone: () -> Bool) -> Bool {
  let end = ContinuousClock.now + timeout
  var pause = 1_000
  while !isDone() {
    if ContinuousClock.now >= end { return false }
    usleep(useconds_t(pause))
    pause = min(pause * 2, 20_000)
  }
  return true
}
