import Domain
import Postgres

/// How a command ends (the shell's `$?`).
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  case failed = 1
  case usage = 2
  case notFound = 3
  case exists = 4
  case refused = 5
  case unreachable = 6
  case partly = 7
  case interrupted = 130

  /// For help and the manual.
  public var meaning: String {
    switch self {
    case .done: "done, or already so"
    case .failed: "failed"
    case .usage: "the command line is wrong"
    case .notFound: "not found"
    case .exists: "already there"
    case .refused: "refused: not confirmed, or not permitted"
    case .unreachable: "the database can't be reached"
    case .partly: "partly done"
    case .interrupted: "interrupted"
    }
  }
}

/// Why a command failed: what, why, and where there is something, what to do.
public struct Failure: Error, Sendable {
  public let status: ExitStatus
  public let message: String
  public let hint: String?
  /// The same of an option or a password, which have a field in a form.
  public let fault: FieldError?
  /// Whether it is somebody's own answer to a question.
  private(set) var isDeclined = false

  /// Somebody was asked, and didn't want it.
  static let declined: Failure = {
    var failure = Failure(.refused, "not confirmed; nothing was changed")
    failure.isDeclined = true
    return failure
  }()

  public init(
    _ status: ExitStatus, _ message: String, hint: String? = nil, fault: FieldError? = nil
  ) {
    self.status = status
    self.message = message
    self.hint = hint
    self.fault = fault
  }
}

extension Failure {
  /// Says any error as a command's failure.
  public init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let refusal as Refusal: self.init(refusal)
    case let error as PostgresError: self.init(error)
    case let mismatch as SchemaMismatch: self.init(mismatch)
    case let sealed as SigningKeys.Sealed:
      self.init(.refused, sealed.description, hint: "give the right file with --key-file")
    case let error as EmbeddedClusterError:
      self.init(.unreachable, error.message, hint: error.hint)
    default: self.init(.failed, String(describing: error))
    }
  }

  private init(_ refusal: Refusal) {
    switch refusal {
    case .invalid, .malformed: self.init(.failed, refusal.message)
    case .notFound: self.init(.notFound, refusal.message)
    case .taken:
      self.init(.exists, refusal.message, hint: "to change what is there, use edit")
    case .conflict, .forbidden, .unauthenticated, .incomplete:
      self.init(.refused, refusal.message)
    case .busy, .tooMany, .unavailable: self.init(.failed, refusal.message)
    }
  }

  private init(_ error: PostgresError) {
    if error.kind == .cancelled, Interrupt.isRaised {
      self = Interrupt.failure
      return
    }
    switch error.sqlState {
    case .queryCanceled? where Interrupt.isRaised: self = Interrupt.failure
    case .undefinedTable?, .undefinedColumn?:
      self.init(
        .refused, "the database's schema isn't this program's: \(error.message)",
        hint: "havocctl db migrate")
    case .invalidRegularExpression?:
      self.init(.usage, "--where: \(error.message)")
    case .insufficientPrivilege?:
      self.init(.refused, "the database refuses: \(error.message)")
    case .invalidCatalogName?:
      self.init(
        .unreachable, "the database can't be reached: \(error.message)",
        hint: "make it with: createdb NAME, then: havocctl db migrate")
    default:
      guard error.isOutage else {
        self.init(.failed, "the database says: \(error.message)")
        return
      }
      self.init(
        .unreachable, "the database can't be reached: \(error.message)",
        hint: "check --database, HAVOCCTL_DATABASE and the configuration: havocctl config show")
    }
  }

  private init(_ mismatch: SchemaMismatch) {
    switch mismatch {
    case .behind(let found, let expected):
      self.init(
        .refused,
        "the database's schema is at version \(found), this program wants \(expected)",
        hint: "havocctl db migrate")
    case .ahead(let found, let expected):
      self.init(
        .refused,
        "the database's schema is at version \(found), this program knows \(expected)",
        hint: "install the havocctl that migrated it, or a newer one")
    }
  }
}

extension Failure {
  /// An option's value isn't what it should be.
  init(option: String, _ why: String, hint: String? = nil) {
    self.init(
      .usage, "--\(option): \(why)", hint: hint,
      fault: FieldError(FormField.key(of: option), why.asSentence))
  }
}

extension Failure {
  /// A column was named that an answer doesn't have.
  init(noColumn name: String, among columns: [Column]) {
    let known = columns.map(\.key).joined(separator: ", ")
    self.init(.usage, "there is no column “\(name)”", hint: "there are: \(known)")
  }
}
