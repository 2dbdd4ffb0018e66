/// One conversation with another server, by libcurl.
public struct Transfer: Sendable {
  public enum Kind: Sendable {
    case get
    /// A mail server's greeting, and whether it takes the name and password.
    case greeting
    /// A form's bytes.
    case post([UInt8])
    /// A mail, with its envelope (RFC 5321).
    case mail(from: String, to: String, message: [UInt8])
  }

  /// Whether TLS begins inside a connection that began without it (RFC 3207).
  public enum StartTLS: Sendable { case off, whereOffered, required }

  public let kind: Kind
  public let url: String
  public var headers: [String] = []
  public var username: String?
  public var password: String?
  public var startTLS = StartTLS.whereOffered
  /// A file of certificates to trust in place of the system's.
  public var authorities: String?
  public var timeout = Duration.seconds(30)
  /// Bytes of an answer; a longer one fails.
  public var limit = 1_048_576

  public init(_ kind: Kind, _ url: String) {
    self.kind = kind
    self.url = url
  }

  /// How it ended.
  public struct Outcome: Sendable {
    /// The protocol's own code of the last answer; 0 for none.
    public let code: Int
    public let body: [UInt8]
  }
}

/// Why a transfer came to nothing; for logs and administrators.
public struct TransferFailure: Error, Sendable, CustomStringConvertible {
  public let description: String
}
