import CLinux
import Glibc

/// Frames that wait to be sent, and how far the first of them is.
struct Outbox {
  private var frames: [[UInt8]] = []
  /// Frames before it are gone.
  private var first = 0
  /// Bytes of the first frame that went out.
  private var offset = 0
  /// Bytes that wait.
  private(set) var bytes = 0

  /// Frames handed to the kernel at once.
  private static let batch = 32

  var isEmpty: Bool { bytes == 0 }

  mutating func append(_ frame: [UInt8]) {
    guard !frame.isEmpty else { return }
    frames.append(frame)
    bytes += frame.count
  }

  /// Sends what the kernel takes.
  /// - Returns: false where the connection is broken.
  mutating func write(to descriptor: CInt) -> Bool {
    while bytes > 0 {
      let sent = send(to: descriptor)
      guard sent >= 0 else { return errno == EAGAIN || errno == EINTR }
      advance(sent)
    }
    return true
  }

  private func send(to descriptor: CInt) -> Int {
    // Most often there is one, which needs no list.
    if frames.count - first == 1 {
      return frames[first].withUnsafeBytes { buffer in
        Glibc.send(
          descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset,
          HAVOC_MSG_NOSIGNAL)
      }
    }
    let batch = frames[first...].prefix(Self.batch)
    return withUnsafeTemporaryAllocation(of: iovec.self, capacity: batch.count) { parts in
      for (index, frame) in batch.enumerated() {
        let skipped = index == 0 ? offset : 0
        // The array keeps its bytes where they are for as long as it isn't written to, and
        // `frames` holds it.
        parts[index] = frame.withUnsafeBytes { buffer in
          iovec(
            iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress.map { $0 + skipped }),
            iov_len: buffer.count - skipped)
        }
      }
      var message = msghdr()
      message.msg_iov = parts.baseAddress
      message.msg_iovlen = batch.count
      return sendmsg(descriptor, &message, HAVOC_MSG_NOSIGNAL)
    }
  }

  private mutating func advance(_ count: Int) {
    bytes -= count
    var rest = count
    while rest > 0 {
      let left = frames[first].count - offset
      if rest < left {
        offset += rest
        return
      }
      rest -= left
      offset = 0
      frames[first] = []
      first += 1
    }
    if first == frames.count {
      frames.removeAll(keepingCapacity: frames.count < 64)
      first = 0
    } else if first > 64 {
      frames.removeFirst(first)
      first = 0
    }
  }

  /// Drops what hasn't begun to go out.
  mutating func dropWaiting() { _ = dropOldest(downTo: 0) }

  /// Drops the oldest frames that haven't begun to go out, until no more than so many bytes wait
  /// or none but the newest is left.
  /// - Returns: how many.
  mutating func dropOldest(downTo limit: Int) -> Int {
    let start = offset > 0 ? first + 1 : first
    var end = start
    while bytes > limit, end < frames.count - (limit > 0 ? 1 : 0) {
      bytes -= frames[end].count
      end += 1
    }
    frames.removeSubrange(start..<end)
    return end - start
  }
}
