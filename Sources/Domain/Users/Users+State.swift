import Postgres

extension Users {
  /// Locks the account: every credential of it is refused until it is unlocked, or until `until`.
  /// - Returns: whether it wasn't so already.
  public func lock(_ user: User, reason: String?, until: Timestamp?) async throws -> Bool {
    try await change(
      user, Self.lock(.int(user.id), .text(reason), .time(until)), .userLock,
      after: [
        .init("reason", reason.map { .string($0) } ?? .null),
        .init("until", until.map { .string($0.rfc3339) } ?? .null),
      ])
  }

  /// - Returns: whether it was locked.
  public func unlock(_ user: User) async throws -> Bool {
    try await change(user, Self.unlock(.int(user.id)), .userUnlock)
  }

  /// - Returns: whether it wasn't so already.
  /// - Throws: `.invalid` for an account without an e-mail address, which no code would reach.
  public func setTwoFactor(_ user: User, on: Bool) async throws -> Bool {
    if on, user.email == nil { throw Self.twoFactorNeedsEmail }
    return try await change(
      user, Self.setTwoFactor(.int(user.id), .bool(on)), on ? .twoFactorOn : .twoFactorOff)
  }

  private static let setTwoFactor = Statement(
    "UPDATE account SET two_factor = $2 WHERE id = $1 AND two_factor <> $2", .writes)

  /// Marks the account as deleted: nobody can sign in to it, its name stays taken, and `restore`
  /// brings it back until it is purged.
  ///
  /// Its sessions end for good: restoring it doesn't bring back what somebody may have copied.
  public func delete(_ user: User) async throws -> Bool {
    try await change(
      user, Self.delete(.int(user.id)), .userDelete,
      besides: [Self.endSessions(.int(user.id), .null)])
  }

  /// Takes a deletion back.
  public func restore(_ user: User) async throws -> Bool {
    try await change(user, Self.restore(.int(user.id)), .userRestore)
  }

  /// Removes the account and everything of it, for good.
  public func purge(_ user: User) async throws -> Bool {
    try await change(user, Self.purge(.int(user.id)), .userPurge)
  }

  /// Runs a statement that touches one row or none, and records it when it touched one.
  private func change(
    _ user: User, _ statement: BoundStatement, _ event: Audit.Event,
    after: [JSON.Member]? = nil, besides others: [BoundStatement] = []
  ) async throws -> Bool {
    try await database.repeatableTransaction { transaction in
      guard try await transaction.query(statement).affected > 0 else { return false }
      _ = try await transaction.run(
        others + [Audit.record(event, by: actor, on: user.username, after: after)])
      return true
    }
  }

  private static let lock = Statement(
    """
    UPDATE account a SET locked = coalesce(a.locked, now()), lock_reason = $2, locked_until = $3
    WHERE a.id = $1 AND (NOT \(User.isLockedSQL) OR a.lock_reason IS DISTINCT FROM $2
      OR a.locked_until IS DISTINCT FROM $3)
    """, .writes)

  private static let unlock = Statement(
    """
    UPDATE account SET locked = NULL, locked_until = NULL, lock_reason = NULL
    WHERE id = $1 AND locked IS NOT NULL
    """, .writes)

  private static let delete = Statement(
    "UPDATE account SET deleted = now() WHERE id = $1 AND deleted IS NULL", .writes)

  private static let restore = Statement(
    "UPDATE account SET deleted = NULL WHERE id = $1 AND deleted IS NOT NULL", .writes)

  private static let purge = Statement("DELETE FROM account WHERE id = $1", .writes)

  /// Removes accounts whose deletion is older than the retention, a few at a time so that no lock
  /// is held for long.
  /// - Returns: how many were removed; fewer than `batch` when none is left.
  public func purgeDeleted(before: Timestamp, batch: Int) async throws -> Int {
    try await database.query(Self.purgeDeleted, .time(before), .int(batch)).affected
  }

  private static let purgeDeleted = Statement(
    """
    DELETE FROM account WHERE id IN (
      SELECT id FROM account WHERE deleted < $1 ORDER BY deleted LIMIT $2 FOR UPDATE SKIP LOCKED)
    """, .writes)
}
