import AdminKit
import Domain
import Glibc
import Server

/// Says an error on standard error: `havocctl: <what>: <why>`, and a hint where there is one.
struct ErrorReport {
  let asJSON: Bool

  func report(_ error: any Error) -> ExitStatus {
    let failure = Self.failure(error)
    var text: String
    if asJSON {
      var writer = JSONWriter()
      writer.object {
        $0.field("error", failure.message)
        if let hint = failure.hint { $0.field("hint", hint) }
        $0.field("status", Int64(failure.status.rawValue))
      }
      text = String(decoding: writer.bytes, as: UTF8.self)
    } else {
      text = "havocctl: \(failure.message)"
      if let hint = failure.hint { text += "\nhint: \(hint)" }
    }
    Terminal().note(text)
    return failure.status
  }

  private static func failure(_ error: any Error) -> Failure {
    guard let listen = error as? ListenFailure else { return Failure(error) }
    return Failure(
      .failed, "can't listen on \(listen.address): \(listen.reason)",
      hint: listen.isInUse
        ? "another server is there; choose another address with --\(listen.option)" : nil)
  }
}
