import CArgon2

/// What argon2id costs.
public struct PasswordParameters: Sendable, Hashable {
  /// KiB.
  public var memory: UInt32 = 19_456
  /// Passes over the memory.
  public var iterations: UInt32 = 2
  /// Lanes.
  public var parallelism: UInt32 = 1

  public init() {}
}

/// A stored password hash in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
public struct PasswordHash: Sendable, Hashable {
  public let text: String

  public init(text: String) { self.text = text }

  private static let hashLength = 32
  private static let saltLength = 16

  /// Whether it was made with other parameters, and so is to be made anew at the next sign-in.
  func needsRehash(_ parameters: PasswordParameters) -> Bool {
    let current =
      "$argon2id$v=19$m=\(parameters.memory),t=\(parameters.iterations),"
      + "p=\(parameters.parallelism)$"
    return !text.hasPrefix(current)
  }

  /// Computes a hash with a fresh salt. Slow on purpose.
  /// - Returns: nil when argon2 refuses, which is for want of memory.
  static func make(_ password: [UInt8], _ parameters: PasswordParameters) -> PasswordHash? {
    let salt = Secrets.random(saltLength)
    let length = argon2_encodedlen(
      parameters.iterations, parameters.memory, parameters.parallelism,
      UInt32(saltLength), UInt32(hashLength), Argon2_id)
    var encoded = [CChar](repeating: 0, count: length)
    let status = argon2id_hash_encoded(
      parameters.iterations, parameters.memory, parameters.parallelism,
      password, password.count, salt, salt.count, hashLength, &encoded, length)
    guard status == ARGON2_OK.rawValue else { return nil }
    return PasswordHash(
      text: String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
  }

  /// Whether the password is the one that was hashed. Slow on purpose.
  func matches(_ password: [UInt8]) -> Bool {
    argon2id_verify(text, password, password.count) == ARGON2_OK.rawValue
  }
}
