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

/// A stored password hash in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, or, until its
/// owner signs in, in another program's.
public struct PasswordHash: Sendable, Hashable {
  public let text: String

  public init(text: String) { self.text = text }

  /// More memory than this, in KiB, would be an attack on whoever verifies it.
  private static let mostMemory: UInt32 = 1_048_576
  private static let mostIterations: UInt32 = 100

  /// A hash that another program made: argon2id, as its own library or Django writes it, or Django's
  /// PBKDF2.
  /// - Returns: nil for what nobody could sign in with.
  public init?(imported text: String) {
    let text = text.hasPrefix("argon2$argon2id$") ? String(text.dropFirst("argon2".count)) : text
    guard PBKDF2Hash(text) != nil || Self.isArgon2(text) else { return nil }
    self.text = text
  }

  private static func isArgon2(_ text: String) -> Bool {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19",
      let salt = Base64URL.decode(base64: parts[4]), salt.count >= 8,
      let hash = Base64URL.decode(base64: parts[5]), hash.count >= 16
    else { return false }
    let costs = parts[3].split(separator: ",").map { $0.split(separator: "=") }
    guard costs.count == 3, costs.allSatisfy({ $0.count == 2 }),
      costs.map({ $0[0] }) == ["m", "t", "p"], let memory = UInt32(costs[0][1]),
      let iterations = UInt32(costs[1][1]), let lanes = UInt32(costs[2][1])
    else { return false }
    return (8...mostMemory).contains(memory) && (1...mostIterations).contains(iterations)
      && (1...64).contains(lanes) && memory >= 8 * lanes
  }

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
  func matches(_ password: Password) -> Bool {
    if text.hasPrefix(PBKDF2Hash.prefix) {
      return PBKDF2Hash(text)?.matches(password.givenBytes) ?? false
    }
    let bytes = password.bytes
    return argon2id_verify(text, bytes, bytes.count) == ARGON2_OK.rawValue
  }
}
