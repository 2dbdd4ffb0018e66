import Domain

/// A request that isn't looked at any further, and why.
struct RefusedRequest {
  let id: String
  /// As it was written, which may be no method at all.
  let method: String
  let target: String
  /// Who has connected; a proxy isn't asked for whom.
  let client: Client
  let rejection: Guard.Rejection
}

/// Refuses what a proxy in front and this server could read differently, which is how requests are
/// smuggled (RFC 9112, section 11.2), and what no route here can mean. The engine underneath lets
/// these through.
enum Guard {
  /// A request that isn't to be looked at any further; the connection closes behind the answer.
  struct Rejection: Error {
    let status: Int
    let reason: String

    static let busy = Rejection(
      status: 503, reason: "Too many large requests at once. Try again in a moment.")
  }

  /// - Parameters:
  ///   - target: the request's target as it stood on the wire.
  ///   - maxBody: bytes; of a body only its declared length can be judged here.
  static func check(
    method: String, target: String, version: String, head: Head, limits: HTTPLimits,
    maxBody: Int
  ) throws(Rejection) {
    guard head.size + target.utf8.count <= limits.head else {
      throw Rejection(
        status: 431, reason: "The request's head is too large: at most \(limits.head) bytes.")
    }
    if let fault = head.fault { throw Rejection(status: 400, reason: "Bad request: \(fault).") }
    if method == "TRACE" || method == "CONNECT" {
      throw Rejection(status: 405, reason: "Method “\(method)” not allowed.")
    }
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      throw Rejection(status: 505, reason: "HTTP/1.1 is spoken here.")
    }
    try check(target: target)
    guard head.hostCount == 1 || (head.hostCount == 0 && version == "HTTP/1.0") else {
      throw Rejection(status: 400, reason: "Bad request: one Host header is wanted.")
    }
    if var host = head.host, !host.withUTF8({ $0.allSatisfy(hostCharacters.contains) }) {
      throw Rejection(status: 400, reason: "Bad request: the Host header is malformed.")
    }
    try checkLength(head, version: version, maxBody: maxBody)
  }

  /// What a name, an IPv4 or bracketed IPv6 address and a port are written with (RFC 3986, section
  /// 3.2.2).
  private static let hostCharacters = ASCIISet(lettersDigitsAnd: "-._~:[]%!$&'()*+,;=")

  private static func check(target: String) throws(Rejection) {
    guard target.utf8.first == UInt8(ascii: "/") else {
      throw Rejection(status: 400, reason: "Bad request: the target must be a path.")
    }
    var target = target
    if let fault = target.withUTF8(fault) {
      throw Rejection(status: 400, reason: "Bad request: \(fault).")
    }
  }

  /// What is wrong with a target's characters.
  private static func fault(in target: UnsafeBufferPointer<UInt8>) -> String? {
    var index = 0
    while true {
      index = target.indexOfFirst(from: index) {
        $0.under(0x21) | $0.equal("%") | $0.equal("\u{7F}") | $0.beyondASCII
      }
      guard index < target.count else { return nil }
      guard target[index] == UInt8(ascii: "%") else { return "the target holds a bare character" }
      guard index + 2 < target.count, let high = target[index + 1].hexValue,
        let low = target[index + 2].hexValue, high | low != 0
      else { return "a percent-encoding is malformed" }
      index += 3
    }
  }

  private static func checkLength(
    _ head: Head, version: String, maxBody: Int
  ) throws(Rejection) {
    if head.transferEncodingCount > 0 {
      guard head.contentLengthCount == 0 else {
        throw Rejection(
          status: 400, reason: "Bad request: Content-Length and Transfer-Encoding together.")
      }
      guard head.transferEncodingCount == 1, head.transferEncoding?.lowercased() == "chunked",
        version == "HTTP/1.1"
      else { throw Rejection(status: 501, reason: "Only the transfer coding “chunked” is known.") }
    }
    guard head.contentLengthCount > 0 else { return }
    guard head.contentLengthCount == 1, let text = head.contentLength, !text.isEmpty,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw Rejection(status: 400, reason: "Bad request: the Content-Length is malformed.") }
    guard let length = Int(text), length <= maxBody else {
      throw Rejection(
        status: 413, reason: "The body is too large: at most \(maxBody) bytes are taken.")
    }
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit.
  var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
