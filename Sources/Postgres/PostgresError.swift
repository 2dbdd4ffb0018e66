import CPQ

/// What went wrong between a query and its answer.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// The server refused the statement.
    case server
    /// No connection can be had now.
    case unavailable
    /// The connection was lost while the query was under way.
    case connectionLost
    /// More queries are in flight than the connection may carry.
    case overloaded
    /// The answer isn't what the code expects.
    case decoding
    /// The caller gave up.
    case cancelled
  }

  /// Whether the same work may be tried again.
  public enum Retry: Sendable {
    /// Nothing of it happened.
    case safe
    /// It may have happened already.
    case unknown
    /// It would fail again.
    case pointless
  }

  public let kind: Kind
  /// PostgreSQL's five-character code, where the server gave one.
  public let sqlState: SQLState?
  /// The server's or the library's words. They may name the data, so they are for logs and
  /// administrators and never for an HTTP answer.
  public let message: String
  public let constraint: String?
  public let retry: Retry

  public init(_ kind: Kind, _ message: String, retry: Retry) {
    self.kind = kind
    self.message = message
    self.retry = retry
    sqlState = nil
    constraint = nil
  }

  /// The caller doesn't wait any longer, whatever became of it.
  static let givenUp = PostgresError(.cancelled, "given up", retry: .unknown)

  init(decoding failure: DecodingFailure) {
    self.init(.decoding, failure.message, retry: .pointless)
  }

  /// Reads the error that a result carries.
  init(result: OpaquePointer) {
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, CInt(code.value)).map { String(cString: $0) }
    }
    kind = .server
    let state = field("C").map(SQLState.init(rawValue:))
    sqlState = state
    constraint = field("n")
    var words = field("M") ?? String(cString: PQresultErrorMessage(result))
    if let detail = field("D"), state?.namesData != true { words += " (\(detail))" }
    message = words
    retry = state?.retry ?? .unknown
  }

  public var description: String {
    sqlState.map { "\(message) [\($0.rawValue)]" } ?? message
  }

  /// Whether the database itself is away, as against a statement that it refused.
  public var isOutage: Bool {
    switch kind {
    case .unavailable, .connectionLost, .overloaded: true
    case .server: sqlState?.isOutage ?? false
    case .decoding, .cancelled: false
    }
  }
}

/// PostgreSQL's error codes (Appendix A of its manual).
public struct SQLState: RawRepresentable, Sendable, Hashable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let uniqueViolation = SQLState(rawValue: "23505")
  public static let foreignKeyViolation = SQLState(rawValue: "23503")
  public static let checkViolation = SQLState(rawValue: "23514")
  public static let serializationFailure = SQLState(rawValue: "40001")
  public static let deadlockDetected = SQLState(rawValue: "40P01")
  public static let lockNotAvailable = SQLState(rawValue: "55P03")
  public static let queryCanceled = SQLState(rawValue: "57014")
  public static let undefinedTable = SQLState(rawValue: "42P01")
  public static let undefinedColumn = SQLState(rawValue: "42703")
  public static let invalidCatalogName = SQLState(rawValue: "3D000")
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  public static let invalidRegularExpression = SQLState(rawValue: "2201B")
  public static let diskFull = SQLState(rawValue: "53100")
  public static let readOnlyTransaction = SQLState(rawValue: "25006")
  /// The connection's prepared statement is gone, or its result changed shape.
  static let invalidStatementName = SQLState(rawValue: "26000")
  static let featureNotSupported = SQLState(rawValue: "0A000")

  /// The first two characters.
  private var group: Substring { rawValue.prefix(2) }

  /// Whether it is about a value, which isn't what it should be.
  public var isOfValue: Bool { group == "22" }

  /// Shutting down, starting up, out of connections, memory or disk.
  var isOutage: Bool {
    ["53", "08"].contains(group) || ["57P01", "57P02", "57P03", "25006"].contains(rawValue)
  }

  /// Two transactions stood in each other's way, and this one was broken off whole: it may well
  /// succeed the next time.
  var isContention: Bool { self == .serializationFailure || self == .deadlockDetected }

  /// An administrator's shutdown, a crash elsewhere, a server that is starting or stopping.
  var endsConnection: Bool { ["57P01", "57P02", "57P03"].contains(rawValue) }

  /// Constraint violations repeat the row in their detail.
  var namesData: Bool { group == "23" || group == "22" }

  var retry: PostgresError.Retry {
    switch self {
    case .serializationFailure, .deadlockDetected, .invalidStatementName: .safe
    default: isOutage ? .safe : .pointless
    }
  }
}
