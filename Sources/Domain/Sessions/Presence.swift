import Postgres

/// Which servers there are, and which sockets are open on them.
///
/// What it writes isn't waited for on the disk: it is written anew after a crash.
public struct Presence: Sendable {
  public enum Kind: String, Sendable { case chat, publish, watch }

  /// One open socket.
  public struct Entry: Sendable {
    let id: UUID
    let kind: Kind
    let account: Int64
    let session: UUID
    let credential: UUID?
    /// The conversation's id, or the stream's.
    let target: String

    public init(
      id: UUID, kind: Kind, account: Int64, session: UUID, credential: UUID?, target: String
    ) {
      self.id = id
      self.kind = kind
      self.account = account
      self.session = session
      self.credential = credential
      self.target = target
    }
  }

  /// The channel on which it is told that sessions or accounts may have ended.
  public static let channel = "havocctl_ended"
  /// How often a server says that it is alive; dead is who didn't for 20 seconds.
  public static let beatInterval = Duration.seconds(5)

  private let database: any Querying
  private let server: UUID

  public init(_ database: any Querying, server: UUID) {
    self.database = database
    self.server = server
  }

  private static let unhurried = Statement(
    "SELECT set_config('synchronous_commit', 'off', true)", .writes)
  /// Standbys are told at once, and not waited for.
  private static let told = Statement(
    "SELECT set_config('synchronous_commit', 'local', true)", .writes)

  /// Whether any server is known to a standby that is asked this, and by how many seconds it is behind
  /// at least: since when a sign of life is due there.
  public static let lag = Statement(
    """
    SELECT count(*) > 0, greatest(
      0, extract(epoch FROM now() - max(seen)) - \(beatInterval.components.seconds))::bigint
    FROM server
    """)

  private func write(_ statement: BoundStatement) async throws(PostgresError) -> Rows {
    try await database.run([Self.unhurried(), statement])[1]
  }

  /// Becomes known to the other servers. From then on whoever stores a message tells of it, so
  /// those who were about to store one without are waited for.
  public func appear() async throws {
    // A standby is to know it before it is read.
    _ = try await database.run([Self.told(), signOfLife([])])
    do {
      _ = try await database.run([Self.patience(), Self.waitForWriters()])
    } catch {
      // Something may hold the table for long, which is no short write of a message.
      guard error.sqlState == .lockNotAvailable else { throw error }
    }
  }

  private static let patience = Statement(
    "SELECT set_config('lock_timeout', '2s', true)", .writes)
  /// In a block, because a lock by itself wants a transaction that was begun by itself.
  private static let waitForWriters = Statement(
    "DO $$ BEGIN LOCK TABLE message IN SHARE MODE; END $$", .writes)

  /// Says that this server is alive.
  /// - Parameter figures: what it has counted since it began, by name.
  /// - Returns: whether it wasn't known, or not any more.
  public func beat(_ figures: [(name: String, value: UInt64)] = []) async throws -> Bool {
    try await write(signOfLife(figures))[0].decode(Bool.self)
  }

  private func signOfLife(_ figures: [(name: String, value: UInt64)]) -> BoundStatement {
    let json = JSONWriter.object { writer in
      for figure in figures { writer.field(figure.name, Int64(clamping: figure.value)) }
    }
    return Self.beat(.uuid(server), .text(String(decoding: json, as: UTF8.self)))
  }

  private static let beat = Statement(
    """
    INSERT INTO server (id, figures) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET seen = now(), figures = excluded.figures
    RETURNING xmax = 0
    """, .writes)

  /// Removes servers that have been dead for long, with their sockets.
  public func forgetDead() async throws { _ = try await write(Self.forgetDead()) }

  private static let forgetDead = Statement(
    "DELETE FROM server WHERE seen < now() - interval '1 minute'", .writes)

  /// This server ends, and its sockets with it.
  public func leave() async throws { _ = try await write(Self.leave(.uuid(server))) }

  private static let leave = Statement("DELETE FROM server WHERE id = $1", .writes)

  /// - Throws: `.unauthenticated` where an account has been purged meanwhile.
  public func add(_ entries: [Entry]) async throws {
    let statement = Self.add(
      .uuid(server), .texts(entries.map(\.id.hex)), .texts(entries.map(\.kind.rawValue)),
      .ints(entries.map(\.account)), .texts(entries.map(\.session.hex)),
      .texts(entries.map(\.target)))
    do {
      _ = try await write(statement)
    } catch {
      switch error.constraint {
      case "socket_account_fkey": throw Authenticator.rejected
      // The others took this server for dead; it isn't.
      case "socket_server_fkey":
        _ = try await beat()
        _ = try await write(statement)
      default: throw error
      }
    }
  }

  private static let add = Statement(
    """
    INSERT INTO socket (server, id, kind, account, session, target)
    SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::uuid[], $6::text[]) n
    ON CONFLICT DO NOTHING
    """, .writes)

  public func remove(_ ids: [UUID]) async throws {
    _ = try await write(Self.remove(.texts(ids.map(\.hex))))
  }

  private static let remove = Statement("DELETE FROM socket WHERE id = ANY ($1::uuid[])", .writes)

  /// Which sockets may not stay: their session, credential or account doesn't stand, or may not
  /// watch what it watches.
  public func ended(_ entries: [Entry]) async throws -> [UUID] {
    try await database.query(
      Self.ended, .texts(entries.map(\.id.hex)), .texts(entries.map(\.session.hex)),
      .texts(entries.map { $0.credential?.hex ?? $0.session.hex }),
      .texts(entries.map { $0.kind == .watch ? $0.target : "" })
    ).map { row throws(PostgresError) in try row.decode(UUID.self) }
  }

  private static let ended = Statement(
    """
    SELECT n.id
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) n(id, session, credential, stream)
    WHERE NOT EXISTS (
        SELECT FROM session s JOIN account a ON a.id = s.account
          JOIN permission p ON p.code = a.permission
        WHERE s.id = n.session AND s.revoked IS NULL AND s.expires > now() AND a.deleted IS NULL
          AND NOT \(User.isLockedSQL) AND NOT \(User.isBannedSQL)
          AND (n.stream = '' OR \(Permission.isStaffSQL) OR EXISTS (
            SELECT FROM stream t WHERE t.id = nullif(n.stream, '')::uuid AND t.account = a.id)))
      OR EXISTS (SELECT FROM credential c WHERE c.id = n.credential AND c.revoked IS NOT NULL)
    """)

  /// What the channel says: of whose sockets some may have to end. It names one in 4,096 of all
  /// sessions or accounts, so that many that end together are said in few words.
  public struct Note: Sendable {
    private let isSession: Bool
    private let share: UInt64

    /// - Parameter payload: `s` and a session's first three hex digits, or `a` and an account's
    ///   number modulo 4,096.
    public init?(_ payload: String) {
      isSession = payload.hasPrefix("s")
      guard let share = UInt64(payload.dropFirst(), radix: isSession ? 16 : 10) else { return nil }
      self.share = share
    }

    public func concerns(account: Int64, session: UUID) -> Bool {
      share == (isSession ? session.high >> 52 : UInt64(account % 4_096))
    }
  }
}
