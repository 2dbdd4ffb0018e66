import Domain
import Postgres

/// One run of an operation.
public struct Invocation: Sendable {
  public let operation: Operation
  public let arguments: Arguments
  public let global: GlobalOptions
  /// A transaction, for what adds, changes or destroys.
  public let database: any Querying
  public let actor: Actor
  public let environment: AdminEnvironment
  /// The password that was given, asked for or made, where the operation takes one.
  public let password: GivenPassword?
  let target: OutputTarget
  let answer: Answer

  // MARK: Answering

  /// Begins the answer. Columns and shape are fixed from here on.
  public func begin(_ columns: [Column]? = nil, shape: Shape) async throws {
    try await answer.begin(columns ?? operation.columns, shape: shape)
  }

  /// One row of the answer.
  /// - Parameter changed: whether something was changed for it, which is what confirmation counts.
  public func row(_ values: [Value], changed: Bool = false) async throws {
    try await answer.row(values, changed: changed)
  }

  /// Shows the rows so far, in an answer that grows under its reader's eyes.
  public func flush() async throws { try await answer.flush() }

  /// Ends the command with a status other than done, after its answer has said why. What it did is
  /// kept.
  public func end(with status: ExitStatus) async { await answer.end(with: status) }

  /// The same, where the answer doesn't say why.
  public func end(with failure: Failure) async { await answer.end(with: failure) }

  /// A list as the global options want it.
  public func list(_ listing: Listing, _ conditions: [Condition] = []) async throws {
    let query = try query(listing, conditions)
    guard !global.onlyCounts else {
      try await answer.begin([Column("rows", .int)], shape: .one, areChosen: true)
      return try await row([.int(try await query.count(in: database))])
    }
    // The columns were chosen in SQL already.
    try await answer.begin(query.columns, shape: .many, areChosen: true)
    let answer = self.answer
    try await query.read(from: database, limit: global.limit) {
      try await answer.row($0, changed: false)
    }
  }

  /// The one row that the conditions pick, as the global options want it.
  /// - Parameter missing: what is said where there is none.
  /// - Throws: `.notFound`.
  public func show(_ listing: Listing, _ conditions: [Condition], missing: String) async throws {
    let query = try query(listing, conditions)
    let found = OneRow()
    // A single row needs no cursor.
    try await query.read(from: database, limit: 1) { await found.set($0) }
    let values = await found.values
    if values == nil, global.filters.isEmpty { throw Refusal.notFound(missing) }
    try await answer.begin(query.columns, shape: .one, areChosen: true)
    if let values { try await answer.row(values, changed: false) }
  }

  /// - Parameter columns: those that are shown where nobody chose; nil for the usual ones.
  func query(
    _ listing: Listing, _ conditions: [Condition], columns: [String]? = nil
  ) throws(Failure) -> ListQuery {
    var request = ListRequest()
    request.columns = global.columns ?? columns
    request.wide = global.wide
    request.filters = global.filters
    request.sort = global.sort
    request.limit = global.limit
    request.search = global.search
    request.page = global.page
    request.conditions = conditions
    do throws(Refusal) {
      return try listing.query(request)
    } catch {
      throw Failure(.usage, error.message)
    }
  }

  /// An answer that isn't made of records.
  func write(_ text: String) throws {
    try target.write(text, global, environment.terminal)
  }

  /// A remark for a person, on standard error.
  public func note(_ text: String) { environment.terminal.note(text) }

  // MARK: Services

  public var users: Users { Users(database, actor: actor) }
  public var permissions: Permissions { Permissions(database, actor: actor) }
  public var sessions: Sessions { Sessions(database, actor: actor) }
  public var exercises: Exercises { Exercises(database, actor: actor) }
  public var groups: Groups { Groups(database, actor: actor) }

  /// The accounts that an argument's words name.
  public func users(_ argument: String) async throws -> [User] {
    try await named(argument, id: { $0.id }, find: users.find)
  }

  /// Words that are listed as left out.
  private static let mostListed = 20

  /// What an argument's words name, each once. One that isn't there fails all, unless
  /// `--continue-on-error` leaves it out.
  func named<Thing, ID: Hashable>(
    _ argument: String, id: (Thing) -> ID, find: (String) async throws -> Thing
  ) async throws -> [Thing] {
    var things: [Thing] = []
    var seen: Set<ID> = []
    var faults: [Failure] = []
    for word in arguments.list(argument) {
      do {
        let thing = try await find(word)
        if seen.insert(id(thing)).inserted { things.append(thing) }
      } catch let refusal as Refusal {
        guard arguments.flag(Option.continueOnError.name) else { throw refusal }
        faults.append(Failure(refusal))
      }
    }
    if things.isEmpty, let fault = faults.first { throw fault }
    guard !faults.isEmpty else { return things }
    let list = faults.prefix(Self.mostListed).map { "  " + $0.message }.joined(separator: "\n")
    let count = faults.count == 1 ? "1 was" : "\(faults.count) were"
    await end(with: Failure(.partly, "\(count) left out:\n\(list)"))
    return things
  }
}

/// A password on its way to an account.
public struct GivenPassword: Sendable {
  public let password: Password
  /// The text, where it was made here and is to be printed once.
  public let generated: String?

  public init(password: Password, generated: String?) {
    self.password = password
    self.generated = generated
  }

  /// One that is made here.
  public static func made() -> GivenPassword {
    let (password, text) = Password.generated()
    return GivenPassword(password: password, generated: text)
  }
}
