import CLinux
import Glibc
import Synchronization

/// A pipe that no child inherits: one that another test starts meanwhile would keep its ends open.
/// What is still open is closed with it.
public final class TestPipe: Sendable {
  public let reader: CInt
  public let writer: CInt
  private let opened: Mutex<Set<CInt>>

  /// - Parameter flags: `O_NONBLOCK`, for both ends.
  public init(_ flags: CInt = 0) throws(Failure) {
    var ends: [CInt] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC | flags) == 0 else { throw Failure(number: errno) }
    (reader, writer) = (ends[0], ends[1])
    opened = Mutex(Set(ends))
  }

  deinit {
    for end in opened.withLock(\.self) { _ = Glibc.close(end) }
  }

  /// There was no pipe to be had.
  public struct Failure: Error { public let number: CInt }

  /// Nothing happens where the end has been closed before.
  public func close(_ end: CInt) {
    if opened.withLock({ $0.remove(end) }) != nil { _ = Glibc.close(end) }
  }

  /// - Returns: how many were written; fewer than there are only where it doesn't block.
  @discardableResult public func put(_ bytes: [UInt8]) -> Int {
    max(0, write(writer, bytes, bytes.count))
  }

  /// Up to `limit` bytes, as one call gives them; none at the end, or where there is nothing yet and
  /// it doesn't block.
  public func take(_ limit: Int = 65_536) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, read(reader, buffer.baseAddress, limit))
    }
  }
}
