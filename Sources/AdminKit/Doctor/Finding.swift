import Domain
import Postgres

/// What came of one check.
struct Finding {
  enum Result: String { case ok, warning, failed, fixed }

  let check: String
  let result: Result
  let detail: String
  let hint: String?

  static let columns = [
    Column("check", .text), Column("result", .text), Column("detail", .text),
    Column("hint", .text),
  ]

  var row: [Value] { [.text(check), .text(result.rawValue), .text(detail), .text(hint)] }

  static func ok(_ check: String, _ detail: String) -> Finding {
    Finding(check: check, result: .ok, detail: detail, hint: nil)
  }

  static func warning(_ check: String, _ detail: String, hint: String) -> Finding {
    Finding(check: check, result: .warning, detail: detail, hint: hint)
  }

  static func failed(_ check: String, _ detail: String, hint: String?) -> Finding {
    Finding(check: check, result: .failed, detail: detail, hint: hint)
  }

  static func fixed(_ check: String, _ detail: String) -> Finding {
    Finding(check: check, result: .fixed, detail: detail, hint: nil)
  }

  /// What a check finds, or the error that ended it.
  static func of(_ check: String, _ body: () async throws -> Finding) async -> Finding {
    do {
      return try await body()
    } catch {
      return failed(check, error)
    }
  }

  /// A check that an error ended.
  static func failed(_ check: String, _ error: any Error, hint: String? = nil) -> Finding {
    let failure = Failure(error)
    return failed(check, failure.message, hint: failure.hint ?? hint)
  }
}
