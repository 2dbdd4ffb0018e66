import CCrypto

/// Random bytes, hashes and comparisons, by OpenSSL.
public enum Secrets {
  /// Cryptographically strong random bytes.
  public static func random(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, CInt(count)) == 1, "the random generator failed")
    return bytes
  }

  /// So many random bytes, 32 unless told otherwise, as base64url.
  public static func token(bytes count: Int = 32) -> String {
    String(decoding: Base64URL.encode(random(count)), as: UTF8.self)
  }

  /// 32 bytes.
  public static func sha256(_ text: some StringProtocol) -> [UInt8] {
    sha256(Array(text.utf8))
  }

  /// 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    // SHA256() would look the algorithm up by its name each time.
    EVP_Digest(bytes, bytes.count, &digest, nil, algorithm.pointer, nil)
    return digest
  }

  /// The algorithm as it was found once, for the program's life.
  ///
  /// `@unchecked Sendable`: OpenSSL never changes a fetched algorithm.
  private struct Algorithm: @unchecked Sendable {
    let pointer = EVP_MD_fetch(nil, "SHA256", nil)
  }

  private static let algorithm = Algorithm()

  /// HMAC-SHA-256 (RFC 2104), 32 bytes.
  public static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: CUnsignedInt = 0
    HMAC(algorithm.pointer, key, CInt(key.count), message, message.count, &digest, &length)
    return digest
  }

  /// Compares in a time that depends on the lengths only.
  public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Compares in a time that depends on the lengths only.
  public static func areEqual(_ a: String, _ b: String) -> Bool {
    areEqual(Array(a.utf8), Array(b.utf8))
  }
}
