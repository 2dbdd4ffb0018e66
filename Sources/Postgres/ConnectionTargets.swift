import CPQ

/// The servers that an address names, to be tried one after the other.
///
/// libpq would try them by itself, but its asynchronous way to connect has no time limit for each: one
/// that doesn't answer would hide all behind it.
struct ConnectionTargets: Sendable {
  /// libpq's parameters, in their order: a later one wins.
  typealias Settings = [(keyword: String, value: String)]

  /// What is tried, once for all servers and then, where somebody only prefers a kind of them, again.
  private let passes: [[Settings]]
  /// The server that answered last.
  private var latest = 0

  /// - Parameters:
  ///   - conninfo: a URL or `key=value` words; empty for libpq's own environment.
  ///   - onlyReads: whether a standby is as good as the primary, and better.
  init(_ conninfo: String, onlyReads: Bool) {
    let given = Self.parse(conninfo)
    let whole = Self.base + (conninfo.isEmpty ? [] : [("dbname", conninfo)])
    let places = Self.places(given)
    guard places.count > 1 else {
      passes = [[whole]]
      return
    }
    passes = Self.kinds(
      given["target_session_attrs"] ?? (onlyReads ? "prefer-standby" : "read-write")
    ).map { kind in
      places.map { whole + $0 + [("target_session_attrs", kind)] }
    }
  }

  /// A server that has gone without a word is noticed within half a minute; the kernel's own patience
  /// is two hours. An address may say otherwise.
  private static let base: Settings = [
    ("fallback_application_name", "havocctl"), ("client_encoding", "UTF8"),
    ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
  ]

  /// Every server in every pass, the one that answered last before the others.
  var attempts: [(server: Int, settings: Settings)] {
    passes.flatMap { pass in
      pass.indices.map { (latest + $0) % pass.count }.map { ($0, pass[$0]) }
    }
  }

  mutating func answered(_ server: Int) { latest = server }

  /// libpq's own way of preferring looks at all servers of one address.
  private static func kinds(_ wanted: String) -> [String] {
    wanted == "prefer-standby" ? ["standby", "any"] : [wanted]
  }

  /// Host and port of each server, as libpq pairs them off.
  private static func places(_ given: [String: String]) -> [Settings] {
    let lists = ["host", "hostaddr"].compactMap { keyword in
      given[keyword].map { (keyword: keyword, values: list($0)) }
    }
    let ports = given["port"].map(list) ?? []
    return (0..<(lists.map(\.values.count).max() ?? 1)).map { index in
      var settings: Settings = []
      for (keyword, values) in lists where index < values.count {
        settings.append((keyword, values[index]))
      }
      if let port = ports.count > 1 ? (index < ports.count ? ports[index] : nil) : ports.first {
        settings.append(("port", port))
      }
      return settings
    }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// What is given; nothing where it is malformed, which libpq says when it connects.
  private static func parse(_ conninfo: String) -> [String: String] {
    guard let options = PQconninfoParse(conninfo, nil) else { return [:] }
    defer { PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        given[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return given
  }
}
