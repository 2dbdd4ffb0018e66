import Domain

/// A request as the routes see it. A class, because it is passed through many functions, and each copy
/// of a value would count the references to all that it holds.
public final class Request: Sendable {
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

  /// - Parameter target: as it stood on the wire.
  init(
    id: String, method: Method, target: String, head: consuming Head, client: Client, body: Body
  ) {
    var target = target
    let mark = target.withUTF8 { bytes in bytes.indexOfFirst { $0.equal("?") } }
    let pathEnd = target.utf8.index(target.startIndex, offsetBy: mark)
    self.id = id
    self.method = method
    path = target[..<pathEnd]
    query = target[pathEnd...].dropFirst()
    self.head = head
    self.client = client
    self.body = body
  }

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
