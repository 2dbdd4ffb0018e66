import CLinux
import EventLoop
import Glibc

/// The connections in TLS of one loop.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class TLSHub: @unchecked Sendable {
  let loop: Loop
  /// What new connections are made with; nil while the server has no certificate.
  var context: TLSContext?
  private var connections: [ObjectIdentifier: TLSConnection] = [:]
  /// Where bytes are between the two sides; as long as a record (RFC 8446, section 5.1).
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)

  /// Where clients are left that may still be sending.
  let lingering: Lingering

  init(loop: Loop, lingering: Lingering) {
    self.loop = loop
    self.lingering = lingering
  }

  deinit { scratch.deallocate() }

  var count: Int { connections.count }

  /// Begins TLS with a client.
  /// - Parameter client: the hub's from here on.
  /// - Returns: a socket that leads to the client; nil, with the client's closed, where there is none.
  func open(_ client: CInt) -> CInt? {
    var ends: [CInt] = [-1, -1]
    guard let context,
      socketpair(AF_UNIX, HAVOC_SOCK_STREAM | HAVOC_SOCK_FLAGS, 0, &ends) == 0
    else {
      close(client)
      return nil
    }
    guard let session = context.connection(client) else {
      for descriptor in [client] + ends { close(descriptor) }
      return nil
    }
    var one: CInt = 1
    setsockopt(client, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    let connection = TLSConnection(self, session, client: client, inner: ends[0])
    connections[ObjectIdentifier(connection)] = connection
    connection.start()
    return ends[1]
  }

  func closed(_ connection: TLSConnection) { connections[ObjectIdentifier(connection)] = nil }

  func stop() {
    for connection in connections.values { connection.close() }
  }
}
