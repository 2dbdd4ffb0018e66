import Domain

/// The part of a request's head that anything here reads.
public struct Head: Sendable {
  public var authorization: String?
  public var contentType: String?
  public var cookie: String?
  public var userAgent: String?
  public var ifNoneMatch: String?
  /// The community dialect's own place for a refresh token, `Bearer: Token <refresh>`.
  public var bearer: String?
  public var csrfToken: String?
  public var origin: String?
  public var referer: String?
  /// Sec-Fetch-Site.
  public var fetchSite: String?
  public var forwardedFor: String?
  public var forwardedProto: String?
  /// What a WebSocket begins with; empty for anything else.
  var upgrade: [UpgradeField: String] = [:]

  // What the guard judges.
  /// Bytes of all names and values.
  var size = 0
  var host: String?
  var hostCount = 0
  var contentLength: String?
  var contentLengthCount = 0
  var transferEncoding: String?
  var transferEncodingCount = 0
  /// A header that no well-meaning client sends, and why.
  var fault: String?

  /// A header of a WebSocket's opening handshake.
  enum UpgradeField: Hashable, Sendable {
    case upgrade, connection, key, version, subprotocols
  }

  /// Several lines are one list (RFC 9110, section 5.3).
  private mutating func add(_ field: UpgradeField, _ value: UnsafeBufferPointer<UInt8>) {
    let text = text(value)
    upgrade[field] = upgrade[field].map { $0 + "," + text } ?? text
  }

  /// Takes one header in.
  mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    let allowed = Self.tokenCharacters
    guard name.allSatisfy(allowed.contains), !name.isEmpty else {
      fault = "a header's name has a character that isn't allowed"
      return
    }
    if Self.holdsControl(value) {
      fault = "a header's value has a control character"
      return
    }
    size += name.count + value.count + 4
    // The length tells most headers apart before a single letter is compared.
    switch name.count {
    case 4 where name.isLetters("host"):
      host = text(value)
      hostCount += 1
    case 6 where name.isLetters("cookie"): cookie = text(value)
    case 6 where name.isLetters("origin"): origin = text(value)
    case 6 where name.isLetters("bearer"): bearer = text(value)
    case 7 where name.isLetters("referer"): referer = text(value)
    case 7 where name.isLetters("upgrade"): add(.upgrade, value)
    case 10 where name.isLetters("connection"):
      // Nearly every request has one, to keep the connection.
      if value.count != 10 || !value.isLetters("keep-alive") { add(.connection, value) }
    case 17 where name.isLetters("sec-websocket-key"): add(.key, value)
    case 21 where name.isLetters("sec-websocket-version"): add(.version, value)
    case 22 where name.isLetters("sec-websocket-protocol"): add(.subprotocols, value)
    case 10 where name.isLetters("user-agent"): userAgent = text(value)
    case 11 where name.isLetters("x-csrftoken"): csrfToken = text(value)
    case 12 where name.isLetters("content-type"): contentType = text(value)
    case 13 where name.isLetters("authorization"): authorization = text(value)
    case 14 where name.isLetters("sec-fetch-site"): fetchSite = text(value)
    case 13 where name.isLetters("if-none-match"): ifNoneMatch = text(value)
    case 14 where name.isLetters("content-length"):
      contentLength = text(value)
      contentLengthCount += 1
    case 15 where name.isLetters("x-forwarded-for"):
      // Several lines are one list (RFC 9110, section 5.3).
      forwardedFor = forwardedFor.map { $0 + "," + text(value) } ?? text(value)
    case 17 where name.isLetters("x-forwarded-proto"): forwardedProto = text(value)
    case 17 where name.isLetters("transfer-encoding"):
      transferEncoding = text(value)
      transferEncodingCount += 1
    default: break
    }
  }

  /// Whether the client says that it has what this ETag stands for (RFC 9110, section 13.1.2).
  func has(_ etag: String) -> Bool {
    guard let ifNoneMatch else { return false }
    return ifNoneMatch.trimmed == "*" || ifNoneMatch.contains(etag)
  }

  private func text(_ value: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: value, as: UTF8.self)
  }

  /// RFC 9110, section 5.6.2.
  private static let tokenCharacters = ASCIISet(lettersDigitsAnd: "!#$%&'*+-.^_`|~")

  /// Whether it holds one other than a tab.
  private static func holdsControl(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = -1
    repeat {
      index = value.indexOfFirst(from: index + 1) { $0.under(0x20) | $0.equal("\u{7F}") }
    } while index < value.count && value[index] == UInt8(ascii: "\t")
    return index < value.count
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are these lower-case letters, in either case; the lengths are equal.
  func isLetters(_ letters: StaticString) -> Bool {
    for index in 0..<count where self[index] | 0x20 != letters.utf8Start[index] {
      return false
    }
    return true
  }
}
