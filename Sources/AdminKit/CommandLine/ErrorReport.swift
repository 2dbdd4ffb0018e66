import Domain

/// Says an error on standard error: `havocctl: <what>: <why>`, and a hint where there is one.
public struct ErrorReport: Sendable {
  private let asJSON: Bool

  public init(asJSON: Bool) { self.asJSON = asJSON }

  /// As the answers are written.
  init(in format: OutputFormat?) { self.init(asJSON: format == .json || format == .jsonl) }

  /// - Parameter place: which line of a script it comes from.
  public func report(_ error: any Error, at place: String? = nil) -> ExitStatus {
    let failure = Failure(error)
    let message = place.map { "\($0): \(failure.message)" } ?? failure.message
    var text: String
    if asJSON {
      var writer = JSONWriter()
      writer.object {
        $0.field("error", message)
        if let hint = failure.hint { $0.field("hint", hint) }
        $0.field("status", Int64(failure.status.rawValue))
      }
      text = String(decoding: writer.bytes, as: UTF8.self)
    } else {
      text = "havocctl: \(message)"
      if let hint = failure.hint { text += "\nhint: \(hint)" }
    }
    let terminal = Terminal()
    // The terminal has put its ^C at the line's beginning.
    if failure.status == .interrupted, terminal.isErrorTerminal { terminal.note("") }
    terminal.note(text)
    return failure.status
  }
}
