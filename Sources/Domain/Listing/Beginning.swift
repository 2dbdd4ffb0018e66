import Postgres

extension Querying {
  /// The id of a table's row that begins with the given hex digits.
  /// - Parameters:
  ///   - table: written by the program and never by a user.
  ///   - word: what the row is called.
  /// - Throws: `.notFound`, or `.invalid` where several begin so.
  func id(
    beginningWith beginning: String, in table: String, called word: String
  ) async throws -> UUID {
    let digits = beginning.lowercased().filter { $0 != "-" }
    guard (4...32).contains(digits.count), digits.allSatisfy(\.isHexDigit),
      let low = UUID(digits + String(repeating: "0", count: 32 - digits.count)),
      let high = UUID(digits + String(repeating: "f", count: 32 - digits.count))
    else {
      throw Refusal.notFound(
        "“\(beginning)” isn't a \(word)'s id: at least its first 4 hex digits are wanted.")
    }
    let find = Statement.once(
      "SELECT id FROM \(table) WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT 2", .reads)
    let rows = try await query(find, .uuid(low), .uuid(high))
    guard let first = rows.first else {
      throw Refusal.notFound("There is no \(word) “\(beginning)”.")
    }
    guard rows.count == 1 else {
      throw Refusal.invalid([
        FieldError(word, "Several \(word)s begin with “\(beginning)”. Give more of the id.")
      ])
    }
    return try first.decode(UUID.self)
  }
}
