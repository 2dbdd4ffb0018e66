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
    let rows = try await database.query(
      BoundStatement(statement: Self.wait, parameters: parameters(scope, subjects)))
    let seconds = try rows[0].decode(Int.self)
    if seconds > 0 { throw Refusal.tooMany(retryAfter: seconds) }
  }

  /// Counts an attempt, unless a subject is at its limit.
  /// - Throws: `.tooMany` then.
  public func take(_ scope: Scope, _ subjects: [String]) async throws {
    guard limits.count > 0 else { return }
    _ = try await run([Self.note(.text(scope.rawValue), .texts(subjects))], scope, subjects)
  }

  /// Runs statements unless a subject is at its limit; no attempt comes in between.
  /// - Throws: `.tooMany` then, with nothing done.
  func run(
    _ statements: [BoundStatement], _ scope: Scope, _ subjects: [String]
  ) async throws -> [Rows] {
    guard limits.count > 0, !subjects.isEmpty else { return try await database.run(statements) }
    let guardian = BoundStatement(
      statement: Self.guardian, parameters: parameters(scope, subjects))
    do {
      return Array(try await database.run([guardian] + statements).dropFirst())
    } catch {
      guard error.sqlState == Self.refused else { throw error }
      throw Refusal.tooMany(retryAfter: Int(error.message) ?? 1)
    }
  }

  private func parameters(_ scope: Scope, _ subjects: [String]) -> [Parameter] {
    [
      .text(scope.rawValue), .texts(subjects), .int(limits.count),
      .int(limits.window.components.seconds),
    ]
  }

  /// Removes what is older than the window and so counts no more.
  public func forget() async throws {
    let seconds = max(limits.window.components.seconds, 1)
    try await database.query(Self.forget, .int(seconds))
  }

  private static let wait = Statement("SELECT attempt_wait($1, $2, $3, $4)")
  private static let guardian = Statement("SELECT attempt_guard($1, $2, $3, $4)", .writes)
  /// What the guard says no with.
  private static let refused = SQLState(rawValue: "HC429")

  private static let note = Statement(
    "INSERT INTO attempt (scope, subject) SELECT $1, s FROM unnest($2::text[]) AS s", .writes)

  private static let forget = Statement(
    """
    DELETE FROM attempt WHERE ctid IN (
      SELECT ctid FROM attempt WHERE at < now() - $1::bigint * interval '1 second'
      LIMIT 10000 FOR UPDATE SKIP LOCKED)
    """, .writes)
}
