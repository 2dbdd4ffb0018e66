import CCrypto
import Postgres

/// A server's certificate and its key, which belong together.
public struct Certificate: Sendable, Equatable {
  /// The server's own, and behind it those that lead to an authority; PEM.
  public let chain: String
  /// PEM.
  public let key: String
  /// From when to when all of them are good.
  public let validFrom: Timestamp
  public let validUntil: Timestamp

  /// What isn't right.
  public enum Fault: Error, Sendable, Equatable {
    case noCertificate
    /// One behind the first can't be read.
    case brokenChain
    case noKey
    case keyIsEncrypted
    /// The key is another certificate's.
    case keyDiffers
  }

  /// - Parameters:
  ///   - chain: PEM, with the server's own certificate first; what else is in it is passed over.
  ///   - key: PEM; it may stand in the same text.
  public init(chain: String, key: String) throws(Fault) {
    defer { ERR_clear_error() }
    let certificates = Self.readAll(chain)
    defer { for certificate in certificates.found { X509_free(certificate) } }
    guard let certificate = certificates.found.first else { throw .noCertificate }
    guard !certificates.isBroken else { throw .brokenChain }
    let secret = Self.withSource(key) { PEM_read_bio_PrivateKey($0, nil, havoc_no_passphrase, nil) }
    guard let secret else {
      throw key.contains("ENCRYPTED") ? .keyIsEncrypted : .noKey
    }
    defer { EVP_PKEY_free(secret) }
    guard X509_check_private_key(certificate, secret) == 1 else { throw .keyDiffers }
    self.chain = chain
    self.key = key
    let begins = certificates.found.map { havoc_asn1_seconds(X509_get0_notBefore($0)) }
    let ends = certificates.found.map { havoc_asn1_seconds(X509_get0_notAfter($0)) }
    validFrom = Timestamp(seconds: begins.max() ?? 0)
    validUntil = Timestamp(seconds: ends.min() ?? 0)
  }

  /// Every certificate in a text, and whether there is one that can't be read.
  private static func readAll(_ text: String) -> (found: [OpaquePointer], isBroken: Bool) {
    withSource(text) { source in
      var found: [OpaquePointer] = []
      while let next = PEM_read_bio_X509(source, nil, havoc_no_passphrase, nil) {
        found.append(next)
      }
      return (found, havoc_pem_is_at_end() == 0)
    }
  }

  /// OpenSSL reads from the text itself, which has to stay meanwhile.
  private static func withSource<Result>(
    _ text: String, _ body: (OpaquePointer?) -> Result
  ) -> Result {
    text.withCString { bytes in
      let source = BIO_new_mem_buf(bytes, -1)
      defer { BIO_free(source) }
      return body(source)
    }
  }
}
