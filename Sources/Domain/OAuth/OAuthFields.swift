/// What another service tells of one of its users.
public struct OAuthPerson: Sendable {
  public let subject: String
  public let username: String
  public let email: String?
  public let isEmailVerified: Bool
  public let avatar: String?
}

/// Where in a service's user-info each thing stands, as dotted paths. The defaults are 42's.
public struct OAuthFields: Sendable {
  public var id = "id"
  public var username = "login"
  public var email = "email"
  public var avatar = "image.link"
  /// A boolean; empty where the service doesn't verify.
  public var verified = ""

  public init() {}

  /// Reads `id=id username=login email=email avatar=image.link`; what isn't named stays.
  /// - Throws: the word that isn't understood.
  public init(_ text: String) throws(Malformed) {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw Malformed(word: String(word)) }
      switch parts[0] {
      case "id": id = String(parts[1])
      case "username": username = String(parts[1])
      case "email": email = String(parts[1])
      case "avatar": avatar = String(parts[1])
      default: throw Malformed(word: String(word))
      }
    }
  }

  public struct Malformed: Error { public let word: String }

  /// - Returns: nil where there is no id or no username.
  func read(_ json: JSON) -> OAuthPerson? {
    guard let subject = text(json, id), let username = text(json, username) else { return nil }
    var isVerified = false
    if case .bool(let value)? = value(json, verified) { isVerified = value }
    return OAuthPerson(
      subject: subject, username: username, email: text(json, email),
      isEmailVerified: isVerified, avatar: text(json, avatar))
  }

  private func value(_ json: JSON, _ path: String) -> JSON? {
    guard !path.isEmpty else { return nil }
    return path.split(separator: ".").reduce(json) { $0?[String($1)] }
  }

  /// A text or a whole number, not empty and not endless.
  private func text(_ json: JSON, _ path: String) -> String? {
    let value = value(json, path)
    let text = value?.string?.trimmed ?? value?.int.map { String($0) }
    guard let text, !text.isEmpty, text.utf8.count <= 2_048 else { return nil }
    return text
  }
}

/// `application/x-www-form-urlencoded`.
enum FormEncoding {
  static func encode(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { "\(escape($0.name))=\(escape($0.value))" }.joined(separator: "&")
  }

  /// All but the unreserved characters (RFC 3986, section 2.3).
  private static func escape(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes.append(contentsOf: "%\([byte].hex.uppercased())".utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
