import Domain
import EventLoop
import Postgres

/// `audit`: the record of what was done.
enum AuditOperations {
  static let all = [list, tail]

  private static let filters = [
    Option("since", "WHEN", .moment(.past), "only what was done since"),
    Option("until", "WHEN", .moment(.past), "only what was done before"),
    Option("user", "USER", .user, "only what this account did, or what was done to it"),
    Option("what", "WHAT", .choice(Audit.Event.allCases.map(\.rawValue)), "only of this kind"),
  ]

  private static func conditions(_ arguments: Arguments) -> [Condition] {
    var conditions: [Condition] = []
    if let since = arguments.moment("since", .past) {
      conditions.append(Audit.condition(since: since.resolved(.past)))
    }
    if let until = arguments.moment("until", .past) {
      conditions.append(Audit.condition(until: until.resolved(.past)))
    }
    if let user = arguments.value("user") { conditions.append(Audit.condition(user: user)) }
    if let what = arguments.value("what") { conditions.append(Audit.condition(what: what)) }
    return conditions
  }

  private static let list = Operation(
    "audit", "list", "List what was done, newest first",
    details: """
      Each record tells when, who (an account, or cli: and a Unix user), from where, what, on whom
      and how it ended; with --wide also what was there before and after. Secrets are in none. Its
      words for what: \(Audit.Event.allCases.map(\.rawValue).joined(separator: ", ")).
      """,
    options: filters, columns: Audit.listing.columns, effect: .reads,
    examples: [
      "havocctl audit list --since 1h --what sign-in-failed",
      "havocctl audit list --user ada --limit 20 --wide -o json",
    ]
  ) { try await $0.list(Audit.listing, conditions($0.arguments)) }

  private static let tail = Operation(
    "audit", "tail", "Show the newest records, and each new one as it comes",
    details: "The last ten, or --limit of them, come first. Ctrl-C ends it.",
    options: Array(filters.dropFirst(2)), columns: Audit.listing.columns, effect: .follows,
    examples: ["havocctl audit tail --what sign-in-failed", "havocctl audit tail -o jsonl"]
  ) { invocation in
    let tail = AuditTail(invocation, conditions(invocation.arguments))
    try await tail.follow()
  }
}

/// Follows the record as it grows.
private struct AuditTail {
  /// Records that a transaction began may be committed after younger ones: so far back it is looked
  /// for such.
  private static let overlap: Int64 = 500
  private static let shownFirst = 10
  private static let interval = Duration.milliseconds(500)

  private let invocation: Invocation
  private let conditions: [Condition]
  private let columns: [String]

  init(_ invocation: Invocation, _ conditions: [Condition]) {
    self.invocation = invocation
    self.conditions = conditions
    let all = Audit.listing.columns.filter { invocation.global.wide || !$0.wide }.map(\.key)
    columns = invocation.global.columns ?? all
  }

  func follow() async throws {
    let listing = Audit.listing.columns
    try await invocation.begin(
      columns.compactMap { key in listing.first { $0.key == key } }, shape: .many)
    var newest = try await records(after: 0, limit: Int(Self.overlap))
    var seen: Set<Int64> = []
    let first = newest.prefix(invocation.global.limit ?? Self.shownFirst)
    try await show(Array(first))
    while true {
      for record in newest { seen.insert(record.id) }
      let last = seen.max() ?? 0
      seen = seen.filter { $0 > last - Self.overlap }
      try DescriptorSink().checkReader()
      try await Interrupt.sleep(for: Self.interval, on: invocation.environment.loop)
      newest = try await records(after: last - Self.overlap, limit: nil)
        .filter { !seen.contains($0.id) }
      try await show(newest)
    }
  }

  private typealias Record = (id: Int64, values: [Value])

  /// Newest first.
  private func records(after id: Int64, limit: Int?) async throws -> [Record] {
    var request = ListRequest()
    request.columns = ["id"] + columns
    request.filters = invocation.global.filters
    request.conditions = conditions + [Audit.condition(after: id)]
    request.limit = limit
    let query: ListQuery
    do {
      query = try Audit.listing.query(request)
    } catch {
      throw Failure(.usage, error.message)
    }
    let records = Collected()
    try await query.read(from: invocation.database, limit: limit) { await records.add($0) }
    return await records.all
  }

  private func show(_ records: [Record]) async throws {
    guard !records.isEmpty else { return }
    for record in records.reversed() { try await invocation.row(record.values) }
    try await invocation.flush()
  }

  private actor Collected {
    private(set) var all: [Record] = []

    func add(_ values: [Value]) {
      guard case .int(let id)? = values.first else { return }
      all.append((id, Array(values.dropFirst())))
    }
  }
}
