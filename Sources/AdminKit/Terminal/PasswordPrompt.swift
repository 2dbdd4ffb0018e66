import Domain
import Glibc

/// Gets a password in one of the ways that a command allows.
struct PasswordPrompt {
  let terminal: Terminal
  let mayAsk: Bool

  /// - Returns: nil where none is wanted.
  /// - Throws: `usage` where two ways are given, or none where nobody can be asked.
  func password(_ arguments: Arguments, _ need: Operation.PasswordNeed) throws(Failure)
    -> GivenPassword?
  {
    let ways = PasswordOption.options(for: need).filter { arguments.flag($0.name) }
    guard ways.count <= 1 else {
      let names = ways.map { "--\($0.name)" }.joined(separator: " and ")
      throw Failure(.usage, "\(names) exclude each other")
    }
    switch ways.first?.name {
    case PasswordOption.none.name: return nil
    case PasswordOption.generate.name:
      return .made()
    case PasswordOption.stdin.name:
      guard let line = try terminal.readLine() else {
        throw Failure(.usage, "--password-stdin: standard input is empty")
      }
      return try given(line, "--password-stdin")
    case PasswordOption.file.name:
      let path = arguments.value(PasswordOption.file.name) ?? ""
      return try given(try TextFile.firstLine(path), path)
    default: return try asked()
    }
  }

  private func given(_ line: String, _ origin: String) throws(Failure) -> GivenPassword {
    guard !line.isEmpty else { throw Failure(.usage, "\(origin): the password is empty") }
    // Bytes that aren't UTF-8 were replaced when the line was read.
    guard !line.unicodeScalars.contains(where: { $0 == "\u{FFFD}" || $0 == "\0" }) else {
      throw Failure(.usage, "\(origin): the password isn't UTF-8 text")
    }
    return GivenPassword(password: Password(line), generated: nil)
  }

  private func asked() throws(Failure) -> GivenPassword {
    guard mayAsk, terminal.isInputTerminal else {
      throw Failure(
        .usage, "a password is wanted, and there is no terminal to ask on",
        hint: "--password-stdin, --password-file FILE or --generate-password")
    }
    let first = try terminal.askSecret("Password: ")
    let second = try terminal.askSecret("Password (again): ")
    guard first == second else { throw Failure(.failed, "the two passwords differ") }
    return try given(first, "the password")
  }
}
