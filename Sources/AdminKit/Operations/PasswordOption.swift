/// The ways in which a command is given a password: never on the command line, never in the
/// environment.
enum PasswordOption {
  static let stdin = Option(
    "password-stdin", nil, .text, "read the password from the first line of standard input")
  static let file = Option(
    "password-file", "FILE", .file, "read the password from the first line of a file")
  static let generate = Option(
    "generate-password", nil, .text, "make a strong password and print it once")
  static let none = Option(
    "no-password", nil, .text, "no password: nobody can sign in with one")

  static let all = [stdin, file, generate, none]

  static func options(for need: Operation.PasswordNeed) -> [Option] {
    switch need {
    case .none: []
    case .required: [stdin, file, generate]
    case .optional: [stdin, file, generate, none]
    }
  }
}
