import CTLS
import Domain

/// What connections in TLS are made with: a certificate and what is spoken with it.
///
/// `@unchecked Sendable`: made once; OpenSSL lets any thread make connections with it.
final class TLSContext: @unchecked Sendable {
  private let pointer: OpaquePointer

  /// - Returns: nil for a certificate that OpenSSL finds too weak.
  init?(_ certificate: Certificate) {
    let pointer = certificate.chain.withCString { chain in
      certificate.key.withCString { havoc_tls_context(chain, $0) }
    }
    guard let pointer else { return nil }
    self.pointer = pointer
  }

  deinit { SSL_CTX_free(pointer) }

  /// A connection's own part of it, which keeps what it began with.
  func connection(_ descriptor: CInt) -> OpaquePointer? {
    guard let session = SSL_new(pointer) else { return nil }
    guard SSL_set_fd(session, descriptor) == 1 else {
      SSL_free(session)
      return nil
    }
    SSL_set_accept_state(session)
    return session
  }
}
