/// A request as the routes see it.
public struct Request: Sendable {
  /// Opaque, and on the answer and in the log.
  public let id: String
  public let method: Method
  /// As it stood on the wire, without the query.
  public let path: Substring
  /// What stood behind the first `?`, still encoded.
  public let query: Substring
  public let head: Head
  let client: Client
  let body: Body

  /// A body as it was taken.
  enum Body: Sendable {
    case bytes([UInt8])
    /// It was read while it arrived.
    case upload(SetUpload)
  }

  /// The body, where it was kept.
  var bytes: [UInt8] {
    if case .bytes(let bytes) = body { bytes } else { [] }
  }

  /// The client's network address; nil on a Unix socket.
  public var address: String? { client.address }

  /// The query's names and values; nil where it doesn't decode.
  var queryPairs: [(name: String, value: String)]? {
    query.isEmpty ? [] : PercentEncoding.decodePairs(query)
  }
}
