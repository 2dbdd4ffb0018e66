import CLinux
import EventLoop
import Glibc
import STUN

/// STUN over TCP on one loop (RFC 8489, section 6.2.2): messages one behind the other.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class STUNStreams: @unchecked Sendable {
  private let desk: STUNDesk
  private let listening: CInt
  private let channel: BindingResponder.Channel
  private var accepting: AcceptLoop?
  private var connections: [CInt: Connection] = [:]

  /// Connections at once, and of all descriptors that the process may have.
  private static let most = 1_024
  private static let share = 8
  private let limit: Int
  /// Connections accepted in a turn.
  private static let burst = 32
  /// Without a whole message a connection is closed.
  private static let patience = Duration.seconds(30)
  /// How often they are looked at.
  private static let sweepInterval = Duration.seconds(5)

  private struct Connection {
    let client: TransportAddress
    let watch: Watch
    var bytes: [UInt8] = []
    var lastMessage: UInt64
  }

  /// - Parameter listening: this one's from here on.
  init(_ desk: STUNDesk, _ listening: CInt, _ channel: BindingResponder.Channel) {
    self.desk = desk
    self.listening = listening
    self.channel = channel
    var descriptors = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
    limit = min(Self.most, Int(clamping: descriptors.rlim_cur) / Self.share)
  }

  deinit { close(listening) }

  func start() {
    accepting = AcceptLoop(desk.loop, listening, burst: Self.burst) {
      [unowned self] descriptor, storage, _ in
      take(descriptor, storage)
    }
  }

  func stop() {
    accepting?.stop()
    accepting = nil
    for descriptor in connections.keys { end(descriptor) }
  }

  private func take(_ descriptor: CInt, _ storage: sockaddr_storage) {
    guard connections.count < limit,
      let client = withUnsafePointer(to: storage, { TransportAddress($0) })
    else {
      close(descriptor)
      return
    }
    desk.counters.add(.connections)
    let watch = desk.loop.watch(descriptor, for: .read) { [unowned self] _ in read(descriptor) }
    if connections.isEmpty { sweepLater() }
    connections[descriptor] = Connection(
      client: client, watch: watch, lastMessage: desk.loop.now)
  }

  private func end(_ descriptor: CInt) {
    guard let connection = connections.removeValue(forKey: descriptor) else { return }
    desk.loop.cancel(connection.watch)
    close(descriptor)
  }

  private func sweepLater() {
    desk.loop.schedule(after: Self.sweepInterval) { [weak self] in
      guard let self else { return }
      let now = desk.loop.now
      for (descriptor, connection) in connections
      where now > connection.lastMessage + Self.patience.nanoseconds {
        end(descriptor)
      }
      if !connections.isEmpty { sweepLater() }
    }
  }

  private func read(_ descriptor: CInt) {
    let count = withUnsafeTemporaryAllocation(
      byteCount: MessageWriter.largest, alignment: 8
    ) { buffer in
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { connections[descriptor]?.bytes.append(contentsOf: buffer[..<count]) }
      return count
    }
    guard count > 0 else {
      if count == 0 || (errno != EAGAIN && errno != EINTR) { end(descriptor) }
      return
    }
    while let size = nextMessage(descriptor) {
      guard size > 0, answer(descriptor, size) else { return end(descriptor) }
      connections[descriptor]?.bytes.removeFirst(size)
      connections[descriptor]?.lastMessage = desk.loop.now
    }
  }

  /// Bytes of the message that is complete; 0 for what is none and can't become one; nil where more
  /// must come.
  private func nextMessage(_ descriptor: CInt) -> Int? {
    guard let bytes = connections[descriptor]?.bytes, bytes.count >= Message.headerSize else {
      return nil
    }
    guard let size = bytes.withUnsafeBytes({ Message.size($0) }), size <= MessageWriter.largest
    else { return 0 }
    return bytes.count >= size ? size : nil
  }

  /// - Returns: false where the connection has no future: its client doesn't read, or asks too
  ///   often.
  private func answer(_ descriptor: CInt, _ size: Int) -> Bool {
    guard let connection = connections[descriptor] else { return false }
    return withUnsafeTemporaryAllocation(byteCount: MessageWriter.largest, alignment: 8) { buffer in
      let answer = connection.bytes.withUnsafeBytes { bytes in
        desk.answer(
          UnsafeRawBufferPointer(rebasing: bytes[..<size]), from: connection.client, channel,
          into: buffer)
      }
      guard let answer else { return true }
      desk.counters.add(.answers)
      return send(descriptor, buffer.baseAddress, answer.size, HAVOC_MSG_NOSIGNAL) == answer.size
    }
  }
}
