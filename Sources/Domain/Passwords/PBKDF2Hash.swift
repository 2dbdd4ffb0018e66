import CCrypto

/// A password hash as Django stores it, `pbkdf2_sha256$ITERATIONS$SALT$HASH`: PBKDF2 (RFC 8018,
/// section 5.2) with HMAC-SHA-256, the hash in Base64.
struct PBKDF2Hash {
  static let prefix = "pbkdf2_sha256$"

  /// More would keep a hashing thread busy for a minute.
  private static let iterationLimit = 20_000_000
  private static let lengths = 16...64

  private let iterations: CInt
  private let salt: [UInt8]
  private let hash: [UInt8]

  init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard text.hasPrefix(Self.prefix), parts.count == 4, let iterations = Int(parts[1]),
      (1...Self.iterationLimit).contains(iterations), !parts[2].isEmpty,
      let hash = Base64URL.decode(base64: parts[3]), Self.lengths.contains(hash.count)
    else { return nil }
    self.iterations = CInt(iterations)
    salt = Array(parts[2].utf8)
    self.hash = hash
  }

  /// Slow on purpose.
  func matches(_ password: [UInt8]) -> Bool {
    var derived = [UInt8](repeating: 0, count: hash.count)
    let length = CInt(derived.count)
    let status = password.withUnsafeBytes { password in
      PKCS5_PBKDF2_HMAC(
        password.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(password.count), salt,
        CInt(salt.count), iterations, EVP_sha256(), length, &derived)
    }
    return status == 1 && Secrets.areEqual(derived, hash)
  }
}
