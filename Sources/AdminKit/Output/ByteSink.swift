import EventLoop
import Glibc
import Synchronization

/// Where finished bytes go.
public protocol ByteSink {
  /// Takes all of the bytes.
  /// - Throws: `ReaderGone` where nobody reads any more, and whatever else keeps bytes from going.
  func write(_ bytes: [UInt8]) throws
  /// Ends it, when everything is written or nothing more will be.
  func close() throws
}

extension ByteSink {
  public func close() {}
}

/// Whoever read the output has gone, as `head` goes when it has seen enough: a reason to stop, not
/// to complain.
public struct ReaderGone: Error, Sendable, Hashable {
  public init() {}
}

/// Writes to a file descriptor, which stays its owner's.
///
/// SIGPIPE must be ignored, or it ends the process before `ReaderGone` can be thrown.
public struct DescriptorSink: ByteSink, Sendable {
  private let descriptor: CInt
  private let name: String

  /// - Parameter name: what errors call it.
  public init(_ descriptor: CInt = STDOUT_FILENO, name: String = "standard output") {
    self.descriptor = descriptor
    self.name = name
  }

  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          written += count
          continue
        }
        switch errno {
        case EINTR: try Interrupt.check()
        case EAGAIN: waitForRoom()
        case EPIPE: throw ReaderGone()
        default: throw SystemError(name)
        }
      }
    }
  }

  /// - Throws: `ReaderGone` where a pipe has nobody at its other end.
  func checkReader() throws {
    var descriptors = pollfd(fd: descriptor, events: 0, revents: 0)
    if poll(&descriptors, 1, 0) == 1, descriptors.revents & Int16(POLLERR) != 0 {
      throw ReaderGone()
    }
  }

  /// Standard output is non-blocking where another process that shares it made it so.
  private func waitForRoom() {
    var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // Whatever keeps poll from waiting, the next write tells.
    _ = poll(&descriptors, 1, -1)
  }
}

/// Keeps the bytes, for a screen that is redrawn or a test.
public final class CollectingSink: ByteSink, Sendable {
  private let collected = Mutex<[UInt8]>([])

  public init() {}

  public var bytes: [UInt8] { collected.withLock { $0 } }

  public func write(_ bytes: [UInt8]) { collected.withLock { $0 += bytes } }

  /// The bytes as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
