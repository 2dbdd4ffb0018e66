/// Why the domain won't do what it was asked. Its words are for the person who asked: they name no
/// secret and nothing that the person may not know.
public enum Refusal: Error, Sendable, Equatable {
  /// Something in the request is missing or wrong.
  case invalid([FieldError])
  /// What is asked makes no sense, whatever a field says.
  case malformed(String)
  /// The caller isn't known.
  case unauthenticated(String)
  /// The caller isn't known yet: what is named is missing.
  case incomplete(FieldError)
  /// The caller is known and may not.
  case forbidden(String)
  /// What was named isn't there.
  case notFound(String)
  /// Somebody has it already.
  case taken(FieldError)
  /// It can't be done in the state that things are in.
  case conflict(String)
  /// Too much at once; again after so many seconds.
  case busy(retryAfter: Int)
  /// Tried too often; again after so many seconds.
  case tooMany(retryAfter: Int)
  /// Something that is needed from elsewhere can't be had now.
  case unavailable(String)

  /// All of it in one sentence or more.
  public var message: String {
    switch self {
    case .invalid(let errors): errors.map(\.sentence).joined(separator: " ")
    case .taken(let error), .incomplete(let error): error.sentence
    case .malformed(let why), .unauthenticated(let why), .forbidden(let why), .notFound(let why),
      .conflict(let why),
      .unavailable(let why):
      why
    case .tooMany: "Too many attempts. Try again later."
    case .busy: "The server is busy. Try again in a moment."
    }
  }
}

extension Refusal {
  /// What is wrong with which fields.
  var faults: [FieldError] {
    if case .invalid(let errors) = self { return errors }
    return []
  }

  /// The same, with a field called as the caller called it.
  public func renaming(_ name: String, to other: String) -> Refusal {
    func renamed(_ error: FieldError) -> FieldError {
      error.field == name ? FieldError(other, error.message) : error
    }
    switch self {
    case .invalid(let errors): return .invalid(errors.map(renamed))
    case .taken(let error): return .taken(renamed(error))
    case .incomplete(let error): return .incomplete(renamed(error))
    default: return self
    }
  }
}

/// What is wrong with one field.
public struct FieldError: Error, Sendable, Hashable {
  /// The name that the caller used.
  public let field: String
  /// A whole sentence.
  public let message: String

  public init(_ field: String, _ message: String) {
    self.field = field
    self.message = message
  }

  public var sentence: String { "\(field): \(message)" }
}
