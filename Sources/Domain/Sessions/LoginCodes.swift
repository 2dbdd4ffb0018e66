import Postgres

/// The codes of the second factor: six digits that are mailed, good once and for ten minutes.
public struct LoginCodes: Sendable {
  static let lifetime = Duration.seconds(600)
  /// Wrong tries that kill a code.
  static let tries = 5
  /// Seconds between two mails to one account.
  static let pause = 60

  private let database: any Querying
  private let keys: SigningKeys

  public init(_ database: any Querying, keys: SigningKeys) {
    self.database = database
    self.keys = keys
  }

  /// Asks for a mail with a code. Whether there is such an account, with that address and a second
  /// factor, isn't to be told by the answer.
  public func request(username: String, email: String) async throws {
    _ = try await database.run([
      Self.request(
        .text(username.trimmed.caseFoldedKey), .text(email.nfkc.trimmed.caseFoldedKey)),
      MailQueue.notify(),
    ])
  }

  private static let request = Statement(
    """
    INSERT INTO mail (account, recipient, purpose)
    SELECT a.id, a.email, 'sign-in-code' FROM account a
    WHERE a.username_key = $1 AND a.email_key = $2 AND a.two_factor AND a.deleted IS NULL
      AND NOT \(User.isLockedSQL) AND NOT \(User.isBannedSQL)
      AND NOT EXISTS (SELECT FROM login_code c WHERE c.account = a.id
        AND c.created > now() - interval '\(pause) seconds')
    ON CONFLICT DO NOTHING
    """, .writes)

  /// Makes an account's code anew, in place of the one before.
  /// - Returns: the code, to be sent and forgotten.
  func make(for account: Int64) async throws -> String {
    var generator = SystemRandomNumberGenerator()
    let number = UInt32.random(in: 0..<1_000_000, using: &generator)
    let code = String(String(1_000_000 + number).dropFirst())
    let key = try await keys.keyRing(database).current
    let expires = Timestamp.now + Self.lifetime
    try await database.query(
      Self.store, .int(account), .bytes(Self.hash(code, account, key)), .time(expires))
    return code
  }

  private static let store = Statement(
    """
    INSERT INTO login_code (account, hash, expires) VALUES ($1, $2, $3)
    ON CONFLICT (account) DO UPDATE
    SET hash = $2, expires = $3, tries = 0, created = now()
    """, .writes)

  /// A million codes are soon tried against a plain hash; one with a key can't be.
  private static func hash(_ code: String, _ account: Int64, _ key: SigningKey) -> [UInt8] {
    Secrets.hmac(key: key.secret, Array("sign-in-code \(account) \(code)".utf8))
  }

  /// Whether the code is the account's; it is used up by that. A wrong one counts as a try, and
  /// that stays so although the request fails.
  func take(_ code: String, of account: Int64) async throws -> Bool {
    let rows = try await database.query(Self.tryOnce, .int(account))
    guard let stored = try rows.first?.decode([UInt8].self) else { return false }
    let ring = try await keys.keyRing(database)
    let matches = ring.all.contains { Secrets.areEqual(Self.hash(code, account, $0), stored) }
    guard matches else { return false }
    // Of two who come with it at once, one uses it up.
    return try await database.query(Self.use, .int(account), .bytes(stored)).affected == 1
  }

  private static let tryOnce = Statement(
    """
    UPDATE login_code SET tries = tries + 1
    WHERE account = $1 AND expires > now() AND tries < \(tries) RETURNING hash
    """, .writes)
  /// The row stays, without the code: it tells when the last mail was sent.
  private static let use = Statement(
    """
    UPDATE login_code SET tries = \(tries), hash = sha256(uuid_send(gen_random_uuid()))
    WHERE account = $1 AND hash = $2
    """, .writes)
}
