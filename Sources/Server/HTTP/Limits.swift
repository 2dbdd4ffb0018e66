/// What one server takes from its clients.
struct HTTPLimits: Sendable {
  /// Bytes of a body.
  var body = 1_048_576
  /// Bytes of an uploaded avatar.
  var avatar = 2_097_152
  /// Bytes of a body with sets of integers.
  var sets = 134_217_728
  /// Bodies of sets larger than others on one loop at once.
  var largeBodies = 8
  /// Bytes of a request's head. The engine keeps it, and the answer's, in twice as much memory for
  /// each connection, and clears that for each request; a head that doesn't fit there either is
  /// answered by the engine itself.
  var head = 8_192
  /// From the beginning of a head to its end.
  var headTimeout = Duration.seconds(10)
  /// Between two pieces of a body.
  var bodyIdleTimeout = Duration.seconds(30)
  /// From a head's end to its body's end.
  var bodyTimeout = Duration.seconds(120)
  /// The same for a body with sets of integers.
  var setsTimeout = Duration.seconds(600)
  /// From one answer to the next request on the same connection.
  var keepAliveTimeout = Duration.seconds(75)
  /// From a request's end to its answer.
  var handlerTimeout = Duration.seconds(30)
  /// Connections open at once.
  var connections = 10_000
  /// Connections open at once from one address; loopback and Unix sockets are not counted, since
  /// everybody behind a proxy comes from there.
  var connectionsPerAddress = 256

  /// How large a body a route takes.
  enum BodySize: Sendable {
    case usual, avatar
    /// With sets of integers; what isn't JSON is as large as others.
    case sets(SetUpload.Kind)
  }

  /// From here on a body with sets is read while it arrives.
  static let streamedBody = 65_536

  /// What stands around a file in a form, in bytes.
  private static let formOverhead = 65_536

  /// Bytes of a body.
  func body(_ size: BodySize) -> Int {
    switch size {
    case .usual: body
    case .avatar: max(body, avatar + Self.formOverhead)
    case .sets: sets
    }
  }
}
