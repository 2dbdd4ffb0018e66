/// A name that a request's body may carry, and what it must be.
public struct Field: Sendable {
  public enum Kind: Sendable {
    /// A text of at most so many bytes; trimmed and not blank unless it is a secret.
    case text(longest: Int)
    /// A text that is taken as it is, and never repeated in an answer.
    case secret(longest: Int)
    /// Six digits, as a text or as a number, which has lost its leading zeros.
    case code
    /// A text as above, or an uploaded file.
    case textOrFile(longest: Int)
    /// `true` or `false`, as a JSON boolean or in a form's letters.
    case boolean
    /// A whole number, as a JSON number or in digits.
    case integer
    /// An object with fields of its own, or a JSON text of one.
    case object([Field])
  }

  public let name: String
  public let kind: Kind
  public let isRequired: Bool

  public init(_ name: String, _ kind: Kind, isRequired: Bool = true) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
  }

  /// The same field, which may be left out.
  public var optional: Field { Field(name, kind, isRequired: false) }
}

extension Field {
  static let username = Field("username", .text(longest: 1_024))
  static let password = Field("password", .secret(longest: 4_096))
  static let email = Field("email", .text(longest: 1_024))
  static let refresh = Field("refresh", .secret(longest: 4_096))
  /// The second factor's; whether it is needed, the account says.
  static let code = Field("code", .code, isRequired: false)
  static let sessionToken = Field("session_token", .secret(longest: 4_096))
}
