import CLinux
import CTLS
import EventLoop
import Glibc

/// A client's connection in TLS, and a pair of sockets behind which it goes on without: whoever has
/// the other end of the pair, be it HTTP or a WebSocket, needn't know.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class TLSConnection: @unchecked Sendable {
  private let hub: TLSHub
  private let session: OpaquePointer
  private let client: CInt
  private let inner: CInt
  private var clientWatch: Watch?
  private var innerWatch: Watch?
  /// Bytes on their way in and out that the other side didn't take yet.
  private var inbound = Passage()
  private var outbound = Passage()
  /// What OpenSSL waits for before it goes on: a handshake wants to write in order to read.
  private var wanted: Readiness = []
  private var isAgainDue = false

  /// One direction.
  private struct Passage {
    var bytes: ArraySlice<UInt8> = []
    /// Whether the end of what comes was seen, and whether the other side has been told.
    var isAtEnd = false
    var isEnded = false
  }

  /// Pieces that go each way in a turn at the most, so that one client leaves time for others.
  private static let budget = 8

  /// - Parameters:
  ///   - session: OpenSSL's, with `client`; both are this connection's from here on, and so is `inner`.
  init(_ hub: TLSHub, _ session: OpaquePointer, client: CInt, inner: CInt) {
    self.hub = hub
    self.session = session
    self.client = client
    self.inner = inner
  }

  func start() {
    clientWatch = hub.loop.watch(client, for: .read) { [self] ready in
      // It neither sends nor takes anything any more.
      if ready.contains(.hangUp) { close() } else { pump() }
    }
    innerWatch = hub.loop.watch(inner, for: .read) { [self] ready in
      // What is still to be read there is there already, and would be reported all the time.
      if ready.contains(.hangUp) { ignoreInner() }
      // Before the handshake's end nobody there has anything to say.
      if innerWatch == nil, SSL_is_init_finished(session) == 0 { close() } else { pump() }
    }
    pump()
  }

  private func pump() {
    guard clientWatch != nil else { return }
    wanted = []
    var rounds = 0
    var isMoving = true
    while isMoving, rounds < Self.budget {
      isMoving = moveIn()
      if moveOut() { isMoving = true }
      rounds += 1
    }
    if outbound.isEnded || (inbound.isEnded && SSL_is_init_finished(session) == 0) {
      return close()
    }
    waitForMore()
    // What OpenSSL has read already, the kernel reports no more.
    if isMoving { pumpAgain() }
  }

  private func pumpAgain() {
    guard !isAgainDue else { return }
    isAgainDue = true
    hub.loop.execute { [self] in
      isAgainDue = false
      pump()
    }
  }

  /// - Returns: whether there may be more to move.
  private func moveIn() -> Bool {
    guard !inbound.isEnded else { return false }
    if inbound.bytes.isEmpty, !inbound.isAtEnd {
      ERR_clear_error()
      let count = SSL_read(session, hub.scratch.baseAddress, CInt(hub.scratch.count))
      if count > 0 {
        return give(UnsafeRawBufferPointer(rebasing: hub.scratch[..<Int(count)]))
      }
      guard isOver(count) else { return false }
      inbound.isAtEnd = true
    }
    if !inbound.bytes.isEmpty {
      let rest = inbound.bytes
      inbound.bytes = []
      return rest.withUnsafeBytes { give($0) }
    }
    if inbound.isAtEnd {
      inbound.isEnded = true
      shutdown(inner, CInt(SHUT_WR))
    }
    return false
  }

  /// Gives bytes to the pair and keeps what it doesn't take.
  private func give(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let count = send(inner, bytes.baseAddress, bytes.count, HAVOC_MSG_NOSIGNAL)
    if count == bytes.count { return true }
    if count < 0, errno != EAGAIN {
      // Nobody is there to read it; the client isn't at its end.
      inbound.isEnded = true
      return false
    }
    inbound.bytes = ArraySlice(Array(bytes[max(0, count)...]))
    return false
  }

  private func moveOut() -> Bool {
    if outbound.bytes.isEmpty, !outbound.isAtEnd {
      guard SSL_is_init_finished(session) == 1 else { return false }
      let count = recv(inner, hub.scratch.baseAddress, hub.scratch.count, 0)
      if count > 0 {
        return take(UnsafeRawBufferPointer(rebasing: hub.scratch[..<count]))
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return false }
      outbound.isAtEnd = true
    }
    if !outbound.bytes.isEmpty {
      let rest = outbound.bytes
      outbound.bytes = []
      return rest.withUnsafeBytes { take($0) }
    }
    if outbound.isAtEnd, !outbound.isEnded {
      outbound.isEnded = true
      ERR_clear_error()
      SSL_shutdown(session)
    }
    return false
  }

  /// Encrypts bytes for the client and keeps what can't be sent yet.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    ERR_clear_error()
    let count = SSL_write(session, bytes.baseAddress, CInt(bytes.count))
    if count == bytes.count { return true }
    if count <= 0, isOver(count) {
      (outbound.isAtEnd, outbound.isEnded) = (true, true)
      return false
    }
    outbound.bytes = ArraySlice(Array(bytes[max(0, Int(count))...]))
    return count > 0
  }

  /// Whether OpenSSL has come to an end, and not only to where it must wait. It looks at what stands
  /// in the thread's queue of errors, which therefore is cleared before every call.
  private func isOver(_ status: CInt) -> Bool {
    switch SSL_get_error(session, status) {
    case SSL_ERROR_WANT_READ: wanted.insert(.read)
    case SSL_ERROR_WANT_WRITE: wanted.insert(.write)
    default: return true
    }
    return false
  }

  private func waitForMore() {
    guard let clientWatch else { return }
    var fromClient = wanted
    if !outbound.bytes.isEmpty { fromClient.insert(.write) }
    var fromInner: Readiness = []
    if !inbound.bytes.isEmpty { fromInner.insert(.write) }
    if outbound.bytes.isEmpty, !outbound.isAtEnd { fromInner.insert(.read) }
    hub.loop.update(clientWatch, for: fromClient)
    if let innerWatch { hub.loop.update(innerWatch, for: fromInner) }
  }

  private func ignoreInner() {
    if let innerWatch { hub.loop.cancel(innerWatch) }
    innerWatch = nil
  }

  /// Ends it on both sides, whatever was under way.
  func close() {
    guard let clientWatch else { return }
    hub.loop.cancel(clientWatch)
    self.clientWatch = nil
    ignoreInner()
    SSL_free(session)
    if inbound.isAtEnd { Glibc.close(client) } else { hub.lingering.close(client) }
    Glibc.close(inner)
    hub.closed(self)
  }
}
