/// How a server is, in words for the service manager.
struct ServerCondition {
  var addresses = ""
  /// Whether it has ever been ready.
  var isReady = false
  /// Why the database can't be reached, while it can't.
  var outage: String?
  /// Why the configuration that is there now isn't the one that holds.
  var reloadFault: String?

  var words: String {
    let clauses = [
      "Serving on \(addresses)", outage.map { "the database is away: \($0)" },
      reloadFault.map { "not reloaded: \($0)" },
    ]
    return clauses.compactMap(\.self).joined(separator: "; ")
  }
}
