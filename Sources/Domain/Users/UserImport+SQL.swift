import Postgres

extension UserImport {
  static let makeTable = Statement.once(
    """
    CREATE TEMPORARY TABLE incoming (line bigint, given int, username text, username_key text,
      email text, email_key text, first_name text, last_name text, permission int,
      two_factor boolean, locked boolean, created timestamptz, last_login timestamptz,
      user_id text, is_42 boolean, avatar text, password_hash text) ON COMMIT DROP
    """)
  static let copy = """
    COPY incoming (line, given, username, username_key, email, email_key, first_name, last_name,
      permission, two_factor, locked, created, last_login, user_id, is_42, avatar, password_hash)
    FROM STDIN
    """
  static let leaveOut = Statement.once("DELETE FROM incoming WHERE line = ANY($1::bigint[])")

  /// Whether any is there already; among new ones alone the indexes find what clashes.
  static let countKnown = Statement.once(
    """
    SELECT count(*) FROM (
      SELECT FROM incoming i JOIN account a ON a.username_key = i.username_key LIMIT 1) k
    """)

  static let passwordHash = Statement(
    "SELECT password_hash FROM account WHERE username_key = $1 AND deleted IS NULL")

  /// A column's value when the import is through: the record's where it has one.
  private static func value(_ given: ImportedUser.Given, _ column: String) -> String {
    "CASE WHEN i.given & \(given.rawValue) <> 0 THEN i.\(column) ELSE a.\(column) END"
  }

  private static let email = value(.email, "email")
  private static let twoFactor = value(.twoFactor, "two_factor")

  static let findFaults = Statement.once(
    """
    SELECT line, field, message FROM (
      SELECT i.line, 'username' AS field,
        'This username stands in line ' || i.first || ' already.' AS message
      FROM (SELECT line, min(line) OVER (PARTITION BY username_key) AS first FROM incoming) i
      WHERE i.line <> i.first
      UNION ALL
      SELECT i.line, 'email', 'This address stands in line ' || i.first || ' already.'
      FROM (SELECT line, min(line) OVER (PARTITION BY email_key) AS first FROM incoming
        WHERE email_key IS NOT NULL) i
      WHERE i.line <> i.first
      UNION ALL
      SELECT i.line, 'user_id', 'This user_id stands in line ' || i.first || ' already.'
      FROM (SELECT line, min(line) OVER (PARTITION BY user_id) AS first FROM incoming) i
      WHERE i.line <> i.first
      UNION ALL
      SELECT i.line, 'username', 'This account was deleted: restore it first.'
      FROM incoming i JOIN account a ON a.username_key = i.username_key
      WHERE a.deleted IS NOT NULL
      UNION ALL
      SELECT i.line, 'email', 'The account “' || a.username || '” has this address.'
      FROM incoming i JOIN account a ON a.email_key = i.email_key
      WHERE a.username_key <> i.username_key AND i.given & \(ImportedUser.Given.email.rawValue) <> 0
        AND NOT EXISTS (SELECT FROM incoming o WHERE o.username_key = a.username_key
          AND o.given & \(ImportedUser.Given.email.rawValue) <> 0
          AND o.email_key IS DISTINCT FROM a.email_key)
      UNION ALL
      SELECT i.line, 'user_id', 'The account “' || a.username || '” has this user_id.'
      FROM incoming i JOIN account a ON a.user_id = i.user_id
      WHERE a.username_key <> i.username_key
      UNION ALL
      SELECT i.line, 'two_factor', 'An account needs an e-mail address for a second factor.'
      FROM incoming i LEFT JOIN account a ON a.username_key = i.username_key
      WHERE coalesce(\(twoFactor), i.two_factor) AND \(email) IS NULL) f
    ORDER BY line LIMIT $1
    """)

  /// Each column's value in the account and what it is to be.
  private static let pairs: [(column: String, now: String, wanted: String)] = [
    ("username", "a.username", "i.username"),
    ("email", "a.email", email),
    ("first_name", "a.first_name", value(.firstName, "first_name")),
    ("last_name", "a.last_name", value(.lastName, "last_name")),
    ("permission", "a.permission", value(.permission, "permission")),
    ("two_factor", "a.two_factor", twoFactor),
    ("is_locked", User.isLockedSQL, isLocked),
    ("created", "a.created", value(.created, "created")),
    ("last_login", "a.last_login", value(.lastLogin, "last_login")),
    ("user_id", "a.user_id", value(.userID, "user_id")),
    ("is_42", "a.is_42", value(.is42, "is_42")),
    ("avatar", "a.avatar", value(.avatar, "avatar")),
    ("password_hash", "a.password_hash", value(.password, "password_hash")),
  ]

  private static let isLocked = """
    CASE WHEN i.given & \(ImportedUser.Given.locked.rawValue) <> 0 THEN i.locked
      ELSE \(User.isLockedSQL) END
    """

  /// The accounts that are to change, locked in one order, and what they are to be. Where a lock is
  /// waited for, the values are those behind it.
  static let lockDiffering = Statement.once(
    """
    CREATE TEMPORARY TABLE differing ON COMMIT DROP AS
    SELECT a.id, \(pairs.map { "\($0.wanted) AS \($0.column)" }.joined(separator: ", ")),
      \(value(.email, "email_key")) AS email_key
    FROM incoming i JOIN account a ON a.username_key = i.username_key
    WHERE (\(pairs.map(\.now).joined(separator: ", ")))
      IS DISTINCT FROM (\(pairs.map(\.wanted).joined(separator: ", ")))
    ORDER BY a.id FOR UPDATE OF a
    """)

  /// A password that was set by somebody else ends what the old one began.
  static let endSessions = Statement.once(
    """
    UPDATE session s SET revoked = now()
    FROM differing d JOIN account a ON a.id = d.id
    WHERE s.account = a.id AND s.revoked IS NULL
      AND d.password_hash IS DISTINCT FROM a.password_hash
    """)

  /// Addresses that change are given up first, so that accounts may exchange them.
  static let giveUp = Statement.once(
    """
    UPDATE account a SET email = NULL, email_key = NULL, two_factor = false
    FROM differing d
    WHERE a.id = d.id AND a.email_key IS NOT NULL AND d.email_key IS DISTINCT FROM a.email_key
    """)

  static let change = Statement.once(
    """
    UPDATE account a SET username = d.username, email = d.email, email_key = d.email_key,
      first_name = d.first_name, last_name = d.last_name, permission = d.permission,
      two_factor = d.two_factor,
      locked = CASE WHEN d.is_locked = \(User.isLockedSQL) THEN a.locked
        WHEN d.is_locked THEN now() END,
      locked_until = CASE WHEN d.is_locked = \(User.isLockedSQL) THEN a.locked_until END,
      lock_reason = CASE WHEN d.is_locked = \(User.isLockedSQL) THEN a.lock_reason END,
      created = d.created, last_login = d.last_login, user_id = d.user_id, is_42 = d.is_42,
      avatar = d.avatar, password_hash = d.password_hash
    FROM differing d WHERE a.id = d.id
    """)

  static let add = Statement.once(
    """
    WITH made AS (
      INSERT INTO account (user_id, username, username_key, email, email_key, first_name,
        last_name, permission, two_factor, locked, created, last_login, is_42, avatar,
        password_hash)
      SELECT i.user_id, i.username, i.username_key, i.email, i.email_key, i.first_name,
        i.last_name, i.permission, i.two_factor, CASE WHEN i.locked THEN now() END,
        coalesce(i.created, now()), i.last_login, i.is_42,
        coalesce(i.avatar, '/media/avatars/default.png'), i.password_hash
      FROM incoming i
      WHERE NOT EXISTS (SELECT FROM account a WHERE a.username_key = i.username_key)
      ORDER BY i.line
      RETURNING id
    ), profiles AS (
      INSERT INTO profile (account) SELECT id FROM made RETURNING account)
    SELECT count(*) FROM profiles
    """)
}
