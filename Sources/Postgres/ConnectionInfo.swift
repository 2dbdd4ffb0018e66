import CPQ

/// A libpq URL or its `key=value` words, taken apart.
public struct ConnectionInfo: Sendable {
  /// Each given value, by the environment variable that means the same to every client of libpq.
  public let variables: [(name: String, value: String)]

  /// - Throws: `.unavailable` with the library's words where the text is malformed.
  public init(_ text: String) throws(PostgresError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      let words = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      // The library repeats pieces of the text, in quotes or behind a colon, and any of them may be
      // of a password.
      let pieces = words.prefix { $0 != ":" }.split(
        separator: "\"", omittingEmptySubsequences: false)
      let reason = pieces.enumerated().map { index, piece in
        index.isMultiple(of: 2) ? String(piece) : piece == "=" ? "“=”" : "…"
      }.joined()
      throw PostgresError(
        .unavailable, "the database's address is malformed: \(reason)", retry: .pointless)
    }
    defer { PQconninfoFree(options) }
    var variables: [(name: String, value: String)] = []
    var option = options
    while option.pointee.keyword != nil {
      if let value = option.pointee.val, let name = option.pointee.envvar {
        variables.append((String(cString: name), String(cString: value)))
      }
      option += 1
    }
    self.variables = variables
  }
}
