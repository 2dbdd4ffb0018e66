import Postgres

/// Counts what may be tried only so often: by account and by address, in the database, so that all
/// servers count together.
public struct Attempts: Sendable {
  /// What is counted, each by itself.
  public enum Scope: String, Sendable {
    /// Failed sign-ins.
    case signIn = "sign-in"
    /// Every sign-up.
    case signUp = "sign-up"
    /// Every request for a code.
    case sendCode = "send-code"
  }

  public struct Limits: Sendable {
    /// Attempts within the window; 0 for no limit.
    public var count = 10
    public var window = Duration.seconds(15 * 60)

    public init() {}
  }

  private let database: any Querying
  private let limits: Limits

  public init(_ database: any Querying, limits: Limits) {
    self.database = database
    self.limits = limits
  }

  /// Under which an attempt is counted. A name that no account has is counted as any other, so that
  /// a limit tells nothing about it.
  public static func subjects(username: String?, address: String?) -> [String] {
    var subjects: [String] = []
    if let username {
      subjects.append("account:" + String(username.trimmed.caseFoldedKey.prefix(200)))
    }
    if let address = address.flatMap(NetworkAddress.init) {
      subjects.append("address:\(address.site)")
    }
    return subjects
  }

  /// - Throws: `.tooMany` where a subject is at its limit.
  public func check(_ scope: Scope, _ subjects: [String]) async throws {
    guard limits.count > 0, !subjects.isEmpty else { return }
    try refuse(try await database.query(peek(scope, subjects)))
  }

  /// Counts an attempt, unless a subject is at its limit.
  /// - Throws: `.tooMany` then.
  public func take(_ scope: Scope, _ subjects: [String]) async throws {
    guard limits.count > 0, !subjects.isEmpty else { return }
    try await database.transaction { transaction in
      try await Attempts(transaction, limits: limits).lock(scope, subjects)
      try refuse(try await transaction.query(peek(scope, subjects)))
      try await transaction.query(note(scope, subjects))
    }
  }

  /// Makes attempts on the same subjects wait for this transaction, so that none slips in between
  /// looking and acting.
  func lock(_ scope: Scope, _ subjects: [String]) async throws {
    guard limits.count > 0, !subjects.isEmpty else { return }
    try await database.query(Self.lock, .text(scope.rawValue), .texts(subjects))
  }

  /// The statement that counts an attempt.
  func note(_ scope: Scope, _ subjects: [String]) -> BoundStatement {
    Self.note(.text(scope.rawValue), .texts(limits.count > 0 ? subjects : []))
  }

  private func peek(_ scope: Scope, _ subjects: [String]) -> BoundStatement {
    Self.peek(
      .text(scope.rawValue), .texts(subjects), .int(limits.count),
      .int(limits.window.components.seconds))
  }

  private func refuse(_ rows: Rows) throws {
    let seconds = try rows[0].decode(Int.self)
    guard seconds > 0 else { return }
    throw Refusal.tooMany(retryAfter: seconds)
  }

  /// Removes what is older than the window and so counts no more.
  public func forget() async throws {
    let seconds = max(limits.window.components.seconds, 1)
    try await database.query(Self.forget, .int(seconds))
  }

  /// In the order of the subjects, so that no two wait for each other.
  private static let lock = Statement(
    """
    SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || s, 0))
    FROM unnest($2::text[]) WITH ORDINALITY AS u (s, n) ORDER BY n
    """, .writes)

  /// Seconds until the oldest of the newest `$3` attempts leaves the window; 0 while there are
  /// fewer.
  private static let peek = Statement(
    """
    SELECT coalesce(max(ceil(extract(epoch FROM q.at - clock_timestamp()) + $4::bigint)), 0)::bigint
    FROM unnest($2::text[]) AS s,
      LATERAL (SELECT at FROM attempt WHERE scope = $1 AND subject = s
        AND at > clock_timestamp() - $4::bigint * interval '1 second'
        ORDER BY at DESC OFFSET $3::bigint - 1 LIMIT 1) q
    """)

  private static let note = Statement(
    "INSERT INTO attempt (scope, subject) SELECT $1, s FROM unnest($2::text[]) AS s", .writes)

  private static let forget = Statement(
    """
    DELETE FROM attempt WHERE ctid IN (
      SELECT ctid FROM attempt WHERE at < now() - $1::bigint * interval '1 second'
      LIMIT 10000 FOR UPDATE SKIP LOCKED)
    """, .writes)
}
