import Domain
import Postgres

/// What a service needs of its database.
struct DatabaseChecks {
  let database: any Querying
  /// Why there is none.
  let fault: (any Error)?
  /// Whether there is a key that signing keys are sealed with.
  let isSealed: Bool
  /// Where what may be a moment old is read.
  let standby: StandbyCheck?
  /// Whether what is safe to mend is mended.
  let fixes: Bool

  /// Seconds that this machine's clock may differ from the database's before tokens that were
  /// issued by one are early for the other.
  private static let clockTolerance: Int64 = 5

  func run() async -> [Finding] {
    if let fault { return [.failed("database", fault)] }
    let found = await reachable()
    guard found.result == .ok else { return [found] }
    let schema = await schema()
    var findings = [found, schema, await clock()]
    // Without its tables there is nobody to look for.
    if [.ok, .fixed].contains(schema.result) {
      findings += [await administrators(), await keys(), await servers()]
      if let standby { findings.append(await standby.run(following: database)) }
    }
    return findings
  }

  private func reachable() async -> Finding {
    await Finding.of("database") {
      let row = try await database.query(Self.version)[0]
      let (name, version) = try row.decode(String.self, String.self)
      return .ok("database", "“\(name)”, PostgreSQL \(version)")
    }
  }

  private static let version = Statement(
    "SELECT current_database()::text, current_setting('server_version')")

  private func schema() async -> Finding {
    await Finding.of("schema") {
      let migrator = Migrator(database)
      do {
        try await migrator.check()
        return .ok("schema", "version \(try await migrator.version())")
      } catch let mismatch as SchemaMismatch {
        guard fixes, case .behind(let found, let expected) = mismatch else { throw mismatch }
        _ = try await migrator.migrate()
        return .fixed("schema", "brought from version \(found) to \(expected)")
      }
    }
  }

  private func clock() async -> Finding {
    await Finding.of("clock") {
      let asked = Timestamp.now.seconds
      let time = try await database.query(Self.clock)[0].decode(Timestamp.self).seconds
      // Either clock was read somewhere between the question and the answer.
      let difference = min(max(time, asked), Timestamp.now.seconds) - time
      let detail = "\(difference) s from the database's"
      guard abs(difference) > Self.clockTolerance else { return .ok("clock", detail) }
      return .failed(
        "clock", detail, hint: "let both machines keep time, by systemd-timesyncd or chrony")
    }
  }

  private static let clock = Statement("SELECT clock_timestamp()")

  /// An administrator is whom everything else can be asked of.
  private func administrators() async -> Finding {
    await Finding.of("administrators") {
      let count = try await database.query(Self.administrators)[0].decode(Int.self)
      guard count == 0 else {
        return .ok("administrators", count == 1 ? "1 can sign in" : "\(count) can sign in")
      }
      return .warning(
        "administrators", "nobody who can sign in is one",
        hint: "havocctl user create NAME --permission 3")
    }
  }

  private static let administrators = Statement(
    """
    SELECT count(*) FROM account a JOIN permission p ON p.code = a.permission
    WHERE p.is_admin AND a.deleted IS NULL AND a.locked IS NULL AND a.password_hash IS NOT NULL
    """)

  private func keys() async -> Finding {
    await Finding.of("keys") {
      let count = try await database.query(Self.signingKeys)[0].decode(Int.self)
      if isSealed || count == 0 {
        return .ok("keys", count == 0 ? "none yet" : "\(count), sealed")
      }
      return .warning(
        "keys", "\(count), as they are: whoever reads the database can sign tokens",
        hint: "seal them with key-file, then havocctl key rotate")
    }
  }

  private static let signingKeys = Statement("SELECT count(*) FROM signing_key")

  private func servers() async -> Finding {
    await Finding.of("servers") {
      let count = try await database.query(Self.liveServers)[0].decode(Int.self)
      guard count == 0 else {
        return .ok(
          "servers", count == 1 ? "1 serves this database" : "\(count) serve this database")
      }
      return .warning("servers", "0 serve this database", hint: "havocctl serve")
    }
  }

  private static let liveServers = Statement("SELECT count(*) FROM live_server")
}
