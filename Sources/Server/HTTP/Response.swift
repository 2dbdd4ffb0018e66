import Domain

/// An answer on its way to the engine.
public struct Response: Sendable {
  /// A header's name and value; neither holds a line's end, which the engine refuses.
  public struct Header: Sendable {
    let name: String
    let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// Bytes that several answers share without copying them.
    case shared(SharedBytes)
    /// Pieces made one after another while they are sent; nil ends them.
    case stream(@Sendable () async throws -> [UInt8]?)
    /// The connection goes on as something else (RFC 9110, section 7.8); the status is 101.
    case upgrade(Upgrade)
  }

  /// With 304 the body isn't sent, and only its length told (RFC 9110, section 8.6).
  public var status: Int
  public var headers: [Header]
  public var body: Body
  /// Ends the connection behind this answer.
  public var closes = false

  public init(_ status: Int, headers: [Header] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  static let jsonType = Header("Content-Type", "application/json")
  /// For what must not be kept: answers that hold a credential.
  static let noStore = Header("Cache-Control", "no-store")

  /// An answer of JSON bytes.
  public static func json(_ status: Int, _ bytes: [UInt8]) -> Response {
    Response(status, headers: [jsonType], body: .bytes(bytes))
  }

  /// An answer of one JSON object, whose members `write` writes.
  public static func json(_ status: Int, _ write: (inout JSONWriter) -> Void) -> Response {
    json(status, JSONWriter.object(write))
  }

  /// The same answer with one more header.
  func with(_ header: Header) -> Response {
    var copy = self
    copy.headers.append(header)
    return copy
  }
}

/// Bytes that stay in one place for as long as anybody refers to them.
///
/// `@unchecked Sendable`: the memory is written before `init` returns and never after.
public final class SharedBytes: @unchecked Sendable {
  let buffer: UnsafeMutableRawBufferPointer

  public init(_ bytes: [UInt8]) {
    buffer = .allocate(byteCount: bytes.count, alignment: 1)
    buffer.copyBytes(from: bytes)
  }

  deinit { buffer.deallocate() }
}
