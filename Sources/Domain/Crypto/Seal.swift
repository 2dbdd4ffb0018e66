import CCrypto

/// Encrypts what the database keeps but mustn't know: AES-256-GCM (NIST SP 800-38D).
///
/// A sealed value is a version byte, a nonce of 12 bytes, the ciphertext, and a tag of 16.
public struct Seal: Sendable {
  public static let shortestKey = 16

  private static let version: UInt8 = 1
  private static let nonceLength = 12
  private static let tagLength = 16
  /// What is longer than the value itself.
  static let overhead = 1 + nonceLength + tagLength

  private let key: [UInt8]

  /// - Parameter text: the key as its file has it; at least `shortestKey` characters.
  public init(_ text: String) {
    key = Secrets.hmac(key: Array(text.utf8), Array("havocctl seal".utf8))
  }

  /// - Parameter label: what it is, so that one value can't be put in another's place.
  func seal(_ value: [UInt8], label: String) -> [UInt8] {
    let nonce = Secrets.random(Self.nonceLength)
    var output = [UInt8](repeating: 0, count: value.count)
    var tag = [UInt8](repeating: 0, count: Self.tagLength)
    let isDone = havoc_gcm(
      1, key, nonce, Array(label.utf8), label.utf8.count, value, value.count, &output, &tag)
    precondition(isDone == 1, "the cipher failed")
    return [Self.version] + nonce + output + tag
  }

  /// - Returns: nil where the key is another, or a bit was changed.
  func open(_ sealed: [UInt8], label: String) -> [UInt8]? {
    guard sealed.count >= Self.overhead, sealed[0] == Self.version else { return nil }
    let nonce = Array(sealed[1..<1 + Self.nonceLength])
    let value = Array(sealed[(1 + Self.nonceLength)..<(sealed.count - Self.tagLength)])
    var tag = Array(sealed.suffix(Self.tagLength))
    var output = [UInt8](repeating: 0, count: value.count)
    let isDone = havoc_gcm(
      0, key, nonce, Array(label.utf8), label.utf8.count, value, value.count, &output, &tag)
    return isDone == 1 ? output : nil
  }
}
