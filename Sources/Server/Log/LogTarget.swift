import EventLoop
import Glibc

/// Where the log goes: standard error, or a file.
struct LogTarget: ~Copyable {
  private let descriptor: CInt
  private let isOwn: Bool
  /// A file always takes what is written; a pipe or a socket whose reader has stopped reading doesn't.
  private let isFile: Bool
  /// Lines that could not be written since the last that could.
  private var lost = 0
  /// The rest of a line whose beginning is written.
  private var rest: [UInt8] = []

  /// - Parameter descriptor: stays its owner's.
  init(descriptor: CInt) {
    self.descriptor = descriptor
    isOwn = false
    isFile = Self.isFile(descriptor)
  }

  /// Opens a file to write at its end, wherever that is by then, so that others may cut it off.
  init(file: String) throws(SystemError) {
    descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o640)
    guard descriptor >= 0 else { throw SystemError(file) }
    isOwn = true
    isFile = Self.isFile(descriptor)
  }

  private static func isFile(_ descriptor: CInt) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  deinit { if isOwn { close(descriptor) } }

  /// Takes over from another that lines were lost with.
  mutating func follow(_ other: borrowing LogTarget) { lost += other.lost }

  /// Writes whole lines. A log that can't be written, because its reader has gone or the disk is full,
  /// is no reason to stop serving.
  /// - Parameters:
  ///   - notice: the line that says how many were lost before.
  /// - Returns: how many of the lines are lost.
  mutating func write(_ lines: [UInt8], notice: (_ lost: Int) -> [UInt8]) -> Int {
    var bytes = rest
    if lost > 0 { bytes += notice(lost) }
    let first = bytes.count
    bytes += lines
    let written = write(bytes)
    if written > rest.count { lost = 0 }
    // A line that has begun isn't lost: the rest of it comes first the next time.
    let isTorn = written > 0 ? bytes[written - 1] != Self.newline : !rest.isEmpty
    let end = isTorn ? bytes[written...].firstIndex(of: Self.newline).map { $0 + 1 } : nil
    rest = Array(bytes[written..<(end ?? written)])
    let missing = bytes[max(end ?? written, first)...].count { $0 == Self.newline }
    lost += missing
    return missing
  }

  private static let newline = UInt8(ascii: "\n")

  /// How long a reader that is behind is waited for, in milliseconds; not at all after it was once
  /// in vain.
  private static let patience: CInt = 100
  /// What a pipe that is ready takes without waiting.
  private static let pipeBuffer = 4_096

  /// - Returns: bytes written.
  private func write(_ bytes: [UInt8]) -> Int {
    var written = 0
    while written < bytes.count {
      let most = isFile ? bytes.count : Self.pipeBuffer
      let piece = bytes[written..<min(bytes.count, written + most)]
      guard isFile || isReady(within: lost > 0 ? 0 : Self.patience) else { break }
      let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      written += count
    }
    return written
  }

  private func isReady(within milliseconds: CInt) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Whether the journal reads it, as JOURNAL_STREAM says (systemd.exec(5)).
  func isJournal(_ stream: String?) -> Bool {
    var status = stat()
    guard let stream, fstat(descriptor, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }
}
