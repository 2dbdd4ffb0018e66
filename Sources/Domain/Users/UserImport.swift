import EventLoop
import Postgres

/// Brings many accounts in at once, by username: one that isn't there is made, one that differs is
/// changed, one that is the same is left alone.
public struct UserImport: Sendable {
  /// What keeps a record out, when it is seen beside the others and what is there already.
  public struct Fault: Sendable, RowDecodable {
    public let line: Int
    public let field: String
    public let message: String

    public init(_ cells: inout Cells) throws(DecodingFailure) {
      line = try cells.next()
      field = try cells.next()
      message = try cells.next()
    }
  }

  private let transaction: Transaction
  private let database: any Querying
  private let hasher: PasswordHasher
  private let actor: Actor

  /// - Parameter database: looks at what is there while the transaction takes the file.
  public init(
    _ transaction: Transaction, beside database: any Querying, hasher: PasswordHasher, actor: Actor
  ) {
    self.transaction = transaction
    self.database = database
    self.hasher = hasher
    self.actor = actor
  }

  /// Bytes gathered before they go out.
  private static let chunk = 256 * 1_024
  /// Records whose passwords are hashed at the same time.
  private static let wave = 64
  /// Which advisory lock imports share.
  private static let lock: Int64 = 0x6861_766f_6375_7372
  /// How often storing is tried while others make the same accounts.
  private static let mostAttempts = 4
  /// Accounts that change how the others are looked up.
  private static let many = 1_000
  /// Faults that are looked for.
  private static let mostFaults = 1_000

  /// Takes what `next` gives until that is nil.
  /// - Parameter judge: decides on faults: it throws, or has those records left out.
  public func run(
    next: () async throws -> ImportedUser?, judge: ([Fault]) async throws -> Void
  ) async throws -> ImportCounts {
    try await transaction.query(Self.makeTable)
    let total = try await take(next)
    // Without statistics the joins below would be planned for a thousand rows.
    try await transaction.query(.once("ANALYZE incoming (username_key, line)"))
    // Two imports that store the same accounts in different orders would wait for each other.
    try await transaction.query(.once("SELECT pg_advisory_xact_lock(\(Self.lock))"))
    var leftOut = 0
    if try await transaction.query(Self.countKnown)[0].decode(Int.self) > 0 {
      leftOut += try await leaveOutFaulty(judge)
    }
    var attempts = Self.mostAttempts
    while true {
      attempts -= 1
      do {
        let (changed, added) = try await store()
        try await record(added: added, changed: changed)
        try await transaction.query(.once("DROP TABLE incoming"))
        // Servers have plans from when the tables were small, and keep them until this.
        if added >= Self.many { try await transaction.query(.once("ANALYZE account, profile")) }
        return ImportCounts(
          added: added, changed: changed, unchanged: total - leftOut - added - changed)
      } catch let error as PostgresError {
        guard attempts > 0, Self.isClash(error) else { throw error }
        // Where nothing is at fault, somebody else made one of these accounts meanwhile: it is there
        // now.
        leftOut += try await leaveOutFaulty(judge)
      }
    }
  }

  private static func isClash(_ error: PostgresError) -> Bool {
    error.sqlState == .uniqueViolation || error.sqlState == .checkViolation
  }

  /// The file goes into a table of its own by COPY, and from there in few statements into the
  /// accounts, which is what makes a million quick.
  private func take(_ next: () async throws -> ImportedUser?) async throws -> Int {
    var ids = RandomHex()
    return try await transaction.copyIn(Self.copy) {
      var row = CopyText()
      var isOver = false
      while row.bytes.count < Self.chunk, !isOver {
        var users: [ImportedUser] = []
        while users.count < Self.wave {
          guard let user = try await next() else {
            isOver = true
            break
          }
          users.append(user)
        }
        if users.contains(where: { $0.password != nil }) { users = try await hashed(users) }
        for user in users { user.append(to: &row, freshID: ids.next()) }
      }
      return row.bytes.isEmpty ? nil : row.bytes
    }
  }

  private func hashed(_ users: [ImportedUser]) async throws -> [ImportedUser] {
    try await withThrowingTaskGroup(of: (Int, ImportedUser).self) { group in
      for (index, user) in users.enumerated() where user.password != nil {
        group.addTask { (index, try await hashed(user)) }
      }
      var users = users
      for try await (index, user) in group { users[index] = user }
      return users
    }
  }

  private func hashed(_ user: ImportedUser) async throws -> ImportedUser {
    guard let password = user.password else { return user }
    var user = user
    let known = try await database.query(Self.passwordHash, .text(user.key)).first
    let hash = try known?.decode(String?.self).map { PasswordHash(text: $0) }
    if let hash, try await hasher.verify(password, hash) {
      user.finish(nil)
    } else {
      user.finish(try await hasher.hash(password))
    }
    return user
  }

  /// - Returns: how many changed, and how many were added.
  private func store() async throws -> (Int, Int) {
    try await transaction.transaction { transaction in
      // What somebody else changes meanwhile is waited for here, and seen by what follows.
      try await transaction.query(.once("DROP TABLE IF EXISTS differing"))
      try await transaction.query(Self.lockDiffering)
      try await transaction.query(Self.endSessions)
      try await transaction.query(Self.giveUp)
      let changed = try await transaction.query(Self.change).affected
      let added = try await transaction.query(Self.add)[0].decode(Int.self)
      return (changed, added)
    }
  }

  private func leaveOutFaulty(_ judge: ([Fault]) async throws -> Void) async throws -> Int {
    var count = 0
    while true {
      let faults = try await transaction.all(Fault.self, Self.findFaults, .int(Self.mostFaults))
      if faults.isEmpty { return count }
      try await judge(faults)
      let lines = Set(faults.map(\.line))
      count += lines.count
      try await transaction.query(Self.leaveOut, .ints(lines.map(Int64.init)))
    }
  }

  private func record(added: Int, changed: Int) async throws {
    guard added + changed > 0 else { return }
    try await transaction.query(
      Audit.record(
        .userImport, by: actor, on: nil,
        after: [.init("added", .int(Int64(added))), .init("changed", .int(Int64(changed)))]))
  }
}

extension ImportedUser {
  /// In the order of `UserImport`'s COPY.
  fileprivate func append(to row: inout CopyText, freshID: String) {
    row.append(line)
    row.append(given.rawValue)
    row.append(username)
    row.append(key)
    row.append(email)
    row.append(email?.caseFoldedKey)
    row.append(firstName)
    row.append(lastName)
    row.append(permission)
    row.append(twoFactor)
    row.append(isLocked)
    row.append(created?.rfc3339)
    row.append(lastLogin?.rfc3339)
    row.append(userID ?? freshID)
    row.append(is42)
    row.append(avatar)
    row.append(passwordHash?.text)
    row.endRow()
  }
}

/// Random ids of 40 hex digits, drawn many at a time.
private struct RandomHex {
  private static let bytesEach = 20
  private static let drawn = 256
  private var bytes: ArraySlice<UInt8> = []

  mutating func next() -> String {
    if bytes.isEmpty { bytes = Secrets.random(Self.bytesEach * Self.drawn)[...] }
    defer { bytes = bytes.dropFirst(Self.bytesEach) }
    return bytes.prefix(Self.bytesEach).hex
  }
}
