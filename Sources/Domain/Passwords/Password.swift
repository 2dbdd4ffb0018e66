/// A password as it was given: NFKC, and nowhere printed.
public struct Password: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  let text: String
  /// As it was typed, which is what other programs hash.
  private let given: String

  public init(_ text: String) {
    given = text
    self.text = text.nfkc
  }

  var bytes: [UInt8] { Array(text.utf8) }
  var givenBytes: [UInt8] { Array(given.utf8) }

  public var description: String { "(hidden)" }
  public var debugDescription: String { "(hidden)" }

  /// A random one: 20 letters and digits without those that look alike, in four groups, which is
  /// 116 bits.
  public static func generated() -> (password: Password, text: String) {
    let alphabet = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    var generator = SystemRandomNumberGenerator()
    var text = ""
    for index in 0..<20 {
      if index > 0, index % 5 == 0 { text += "-" }
      text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
    }
    return (Password(text), text)
  }
}

/// What a password that somebody chooses for themselves must be.
public struct PasswordRules: Sendable {
  public static let lengths = 8...1024

  private let dictionary: PasswordDictionary?

  /// - Parameter dictionary: common passwords; without one that rule alone isn't checked.
  public init(dictionary: PasswordDictionary?) { self.dictionary = dictionary }

  /// What is wrong with a password, one sentence a rule; empty when nothing is.
  public func violations(of password: Password, username: String, email: String?) -> [String] {
    var violations: [String] = []
    let count = password.bytes.count
    if count < Self.lengths.lowerBound {
      violations.append("This password is too short. It must have at least 8 bytes.")
    }
    if count > Self.lengths.upperBound {
      violations.append("This password is too long. It may have at most 1024 bytes.")
    }
    if count > 0, password.text.allSatisfy(\.isNumber) {
      violations.append("This password is entirely numeric.")
    }
    let key = password.text.caseFoldedKey
    if key == username.caseFoldedKey {
      violations.append("This password is the username.")
    }
    if let local = email?.split(separator: "@").first, key == String(local).caseFoldedKey {
      violations.append("This password is the e-mail address's first part.")
    }
    if dictionary?.contains(key) == true {
      violations.append("This password is too common.")
    }
    return violations
  }

  /// - Throws: `.invalid` with every violation under the field's name.
  public func check(
    _ password: Password, field: String, username: String, email: String?
  ) throws(Refusal) {
    let violations = violations(of: password, username: username, email: email)
    guard violations.isEmpty else {
      throw .invalid(violations.map { FieldError(field, $0) })
    }
  }
}
