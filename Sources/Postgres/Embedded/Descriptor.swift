import EventLoop
import Glibc

/// An open file that is closed when its owner lets go of it. None is inherited by a program that is
/// run, or a server started by a command would hold that command's terminal and sockets.
struct Descriptor: ~Copyable {
  let number: CInt

  init(_ number: CInt) { self.number = number }

  /// Opens a file, close-on-exec.
  init(opening path: String, _ flags: CInt, mode: mode_t = 0o600) throws(SystemError) {
    let number = retryingInterrupts { open(path, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw SystemError("open \(path)") }
    self.number = number
  }

  /// Opens a file by its name in a directory that is open already, close-on-exec.
  init(
    opening name: String, in directory: borrowing Descriptor, _ flags: CInt, mode: mode_t = 0o600
  ) throws(SystemError) {
    let folder = directory.number
    let number = retryingInterrupts { openat(folder, name, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw SystemError("open \(name)") }
    self.number = number
  }

  deinit { close(number) }

  func status() throws(SystemError) -> stat {
    var answer = stat()
    guard fstat(number, &answer) == 0 else { throw SystemError("fstat") }
    return answer
  }

  /// Hands the file to its owner, which only root can do and only root has to.
  func give(to owner: ServiceAccount) throws(SystemError) {
    guard geteuid() == 0, owner.uid != 0 else { return }
    guard fchown(number, owner.uid, owner.gid) == 0 else { throw SystemError("fchown") }
  }

  /// Writes all of the text and waits until it is on disk.
  func writeDurably(_ text: String) throws(SystemError) {
    var rest = ArraySlice(text.utf8)
    while !rest.isEmpty {
      let file = number
      let written = rest.withUnsafeBytes { bytes in
        retryingInterrupts { write(file, bytes.baseAddress, bytes.count) }
      }
      guard written > 0 else { throw SystemError("write") }
      rest = rest.dropFirst(written)
    }
    guard fsync(number) == 0 else { throw SystemError("fsync") }
  }

  /// Reads from `offset` to the end, but no more than `limit` bytes.
  func read(from offset: off_t = 0, limit: Int) throws(SystemError) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit, 16_384))
    while bytes.count < limit {
      let position = offset + off_t(bytes.count)
      let wanted = min(chunk.count, limit - bytes.count)
      let file = number
      let count = retryingInterrupts { pread(file, &chunk, wanted, position) }
      guard count >= 0 else { throw SystemError("read") }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Calls again what a signal interrupted.
func retryingInterrupts<Number: SignedInteger>(_ call: () -> Number) -> Number {
  while true {
    let answer = call()
    if answer != -1 || errno != EINTR { return answer }
  }
}
