/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
  /// - Returns: nil for a malformed escape, invalid UTF-8 or NUL.
  static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue else {
          return nil
        }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// `name=value&…`, decoded, in order.
  /// - Returns: nil where a part doesn't decode.
  static func decodePairs(_ text: Substring) -> [(name: String, value: String)]? {
    var pairs: [(name: String, value: String)] = []
    for part in text.split(separator: "&") {
      let equals = part.firstIndex(of: "=") ?? part.endIndex
      let rest = equals < part.endIndex ? part[part.index(after: equals)...] : ""
      guard let name = decode(part[..<equals], plusIsSpace: true),
        let value = decode(rest, plusIsSpace: true)
      else { return nil }
      pairs.append((name, value))
    }
    return pairs
  }
}
