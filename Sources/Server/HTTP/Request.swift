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
  public let body: [UInt8]

  /// The client's network address; nil on a Unix socket.
  public var address: String? { client.address }

  /// The query's names and values; nil where it doesn't decode.
  var queryPairs: [(name: String, value: String)]? {
    query.isEmpty ? [] : PercentEncoding.decodePairs(query)
  }
}
