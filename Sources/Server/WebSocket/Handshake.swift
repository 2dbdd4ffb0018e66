import CCrypto
import Domain

/// The opening handshake, as a server answers it (RFC 6455, section 4.2).
struct Handshake {
  /// What the answer says beside 101.
  let headers: [Response.Header]
  /// A credential that came as a subprotocol, since a browser can't set a header.
  let token: String?

  private static let tokenPrefix = "token."

  /// - Throws: `BadRequest` of 400 or 426.
  init(_ request: Request) throws(BadRequest) {
    let fields = request.head.upgrade
    guard request.method == .get, Self.list(fields[.upgrade]).contains("websocket"),
      Self.list(fields[.connection]).contains("upgrade"), fields[.version]?.trimmed == "13"
    else {
      throw BadRequest(
        426, "A WebSocket is wanted here (RFC 6455, version 13).",
        headers: [
          .init("Upgrade", "websocket"), .init("Connection", "Upgrade"),
          .init("Sec-WebSocket-Version", "13"),
        ])
    }
    let key = (fields[.key] ?? "").trimmed
    guard Self.isKey(key) else {
      throw BadRequest(400, "The Sec-WebSocket-Key isn't 16 bytes in base64.")
    }
    var headers: [Response.Header] = [
      .init("Upgrade", "websocket"), .init("Sec-WebSocket-Accept", Self.accept(key)),
    ]
    let offered = (fields[.subprotocols] ?? "").split(separator: ",").map { String($0).trimmed }
      .filter { !$0.isEmpty }
    token = offered.first { $0.hasPrefix(Self.tokenPrefix) }.map {
      String($0.dropFirst(Self.tokenPrefix.count))
    }
    // A browser gives up where it offered some and none was chosen.
    if let chosen = offered.first(where: { !$0.hasPrefix(Self.tokenPrefix) }) ?? offered.first {
      headers.append(.init("Sec-WebSocket-Protocol", chosen))
    }
    self.headers = headers
  }

  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { String($0).trimmed.lowercased() }
  }

  /// 22 characters of base64 and two of padding; the last one has no bits to spare.
  private static func isKey(_ key: String) -> Bool {
    guard key.utf8.count == 24, key.hasSuffix("=="), "AQgw".contains(key.dropLast(2).last ?? " ")
    else { return false }
    return key.dropLast(2).utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
  }

  /// The key's answer (section 4.2.2, step 5.4).
  static func accept(_ key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    SHA1(text, text.count, &digest)
    // 20 bytes are 27 characters and one of padding, and its NUL.
    var encoded = [UInt8](repeating: 0, count: 29)
    EVP_EncodeBlock(&encoded, digest, 20)
    return String(decoding: encoded.dropLast(), as: UTF8.self)
  }
}
