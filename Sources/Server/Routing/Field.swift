import Domain

/// A name that a request's body may carry, and what it must be. A class, because every request looks
/// through its route's fields, and a copy of a value would copy all that is told about it.
final class Field: Sendable {
  enum Kind: Sendable {
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
    /// Sets of integers, which are read while they arrive and so aren't among the input.
    case sets(SetUpload.Kind)
  }

  let name: String
  let kind: Kind
  let isRequired: Bool
  /// What it means, for the documentation.
  let about: String?
  /// What it must be, where that is more than its kind says.
  let schema: Schema?

  init(
    _ name: String, _ kind: Kind, isRequired: Bool = true, about: String? = nil,
    schema: Schema? = nil
  ) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
    self.about = about
    self.schema = schema
  }

  /// Whether it proves something.
  var isSecret: Bool { if case .secret = kind { true } else { false } }

  /// The same field, which may be left out.
  var optional: Field { Field(name, kind, isRequired: false, about: about, schema: schema) }

  /// The same field, described.
  func about(_ about: String, _ schema: Schema? = nil) -> Field {
    Field(name, kind, isRequired: isRequired, about: about, schema: schema ?? self.schema)
  }
}

extension Field {
  /// Somebody's, whoever has it.
  static let username = Field("username", .text(longest: 1_024)).about("The username.", .someName)
  /// One that is chosen.
  static let newUsername = Field("username", .text(longest: 1_024)).about("The username.", .name)
  static let password = Field("password", .secret(longest: 4_096)).about("The password.")
  static let email = Field("email", .text(longest: 1_024)).about(
    "The e-mail address.", .someAddress)
  static let newEmail = Field("email", .text(longest: 1_024)).about("The e-mail address.", .email)
  /// What somebody chooses for themselves, asked for once or twice.
  static let newPassword = Field("password", .secret(longest: 4_096)).about(
    "The password.", .newPassword)
  static let password1 = Field("password1", .secret(longest: 4_096)).about(
    "The password.", .newPassword)
  static let password2 = Field("password2", .secret(longest: 4_096)).about(
    "The same once more.", .newPassword)
  static let refresh = Field("refresh", .secret(longest: 4_096)).about(
    "A refresh token.", .secret(longest: 4_096, like: .jwt))
  static let code = Field("code", .code, isRequired: false).about(
    "The second factor's, where the account has one.")
  static let sessionToken = Field("session_token", .secret(longest: 4_096)).about(
    "What signing in answered.", .secret(longest: 4_096, like: .sessionToken))
}
