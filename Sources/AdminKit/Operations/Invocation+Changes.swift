import Domain
import Postgres

extension Column {
  /// Whether something was changed.
  static let changed = Column("changed", .bool)
}

extension Invocation {
  /// Every column of the one row that a condition picks.
  /// - Throws: `.notFound` where there is none.
  func values(_ listing: Listing, _ condition: Condition) async throws -> [Value] {
    var request = ListRequest()
    request.wide = true
    request.conditions = [condition]
    let query = try listing.query(request)
    let found = OneRow()
    try await query.read(from: database, limit: 1) { await found.set($0) }
    guard let values = await found.values else { throw Refusal.notFound("It is gone.") }
    return values
  }

  /// The answer of a change to one thing: its columns, and whether it changed.
  func answerChange(
    _ listing: Listing, _ condition: Condition, changed: Bool,
    extra: [(column: Column, value: Value)] = []
  ) async throws {
    try await begin(
      listing.columns + [.changed] + extra.map(\.column), shape: .one)
    let values = try await self.values(listing, condition)
    try await row(values + [.bool(changed)] + extra.map(\.value), changed: changed)
  }
}

/// Takes a row out of a reading closure.
actor OneRow {
  private(set) var values: [Value]?

  func set(_ values: [Value]) { self.values = values }
}
