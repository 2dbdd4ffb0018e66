import Domain

/// `multipart/form-data` (RFC 7578) of a body that is in memory.
///
/// libmicrohttpd's post processor wants its own connection beside the bytes and forgives a body
/// that was cut off; here it must be whole.
enum Multipart {
  /// Parts at the most.
  private static let limit = 1_000

  static func parse(_ body: [UInt8], boundary: String?) throws(BadRequest) -> FormBody {
    guard let boundary, (1...70).contains(boundary.utf8.count) else {
      throw BadRequest(400, "Multipart form parse error: invalid boundary.")
    }
    let delimiter = Array("\r\n--\(boundary)".utf8)
    // The first delimiter may stand at the very beginning, without its line's end.
    var rest = (Array("\r\n".utf8) + body)[...]
    guard let first = rest.position(of: delimiter) else { throw truncated }
    rest = rest[(first + delimiter.count)...]
    var parts: [Part] = []
    while true {
      if rest.starts(with: "--".utf8) { break }
      guard rest.starts(with: "\r\n".utf8), let end = rest.position(of: delimiter),
        parts.count < limit
      else { throw truncated }
      parts.append(try part(rest[rest.startIndex..<end].dropFirst(2)))
      rest = rest[(end + delimiter.count)...]
    }
    try FormBody.refuseDoubles(parts.map(\.name))
    var form = FormBody()
    for part in parts { form.add(part) }
    return form
  }

  private static let truncated = BadRequest(
    400, "Multipart form parse error: the body is cut off or malformed.")

  /// A named text, or a named file.
  struct Part {
    let name: String
    /// Nil for a file.
    let text: String?
    let bytes: ArraySlice<UInt8>
  }

  private static func part(_ bytes: ArraySlice<UInt8>) throws(BadRequest) -> Part {
    let blankLine = Array("\r\n\r\n".utf8)
    guard let end = bytes.position(of: blankLine) else { throw truncated }
    let head = String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
    var name: String?
    var isFile = false
    for line in head.split(separator: "\r\n") {
      let parts = line.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1).map(Substring.init)
      guard parts.count == 2, parts[0].lowercased() == "content-disposition" else { continue }
      name = parameter("name", of: parts[1])
      isFile = parameter("filename", of: parts[1]) != nil
    }
    guard let name else { throw truncated }
    let content = bytes[(end + blankLine.count)...]
    if isFile { return Part(name: name, text: nil, bytes: content) }
    guard let text = String(validating: content, as: UTF8.self) else { throw truncated }
    return Part(name: name, text: text, bytes: content)
  }

  /// A parameter's value, which may be quoted with `\` before what would end it (RFC 9110, section
  /// 5.6.6).
  ///
  /// Scalar by scalar: a combining mark behind a quote would make another character of it.
  private static func parameter(_ wanted: String, of header: Substring) -> String? {
    var rest = header.unicodeScalars.drop { $0 != ";" }
    while !rest.isEmpty {
      rest = rest.dropFirst()
      let name = rest.prefix { $0 != "=" && $0 != ";" }
      rest = rest[name.endIndex...]
      guard rest.first == "=" else { continue }
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
      var value = ""
      if rest.first == "\"" {
        rest = rest.dropFirst()
        while let scalar = rest.popFirst(), scalar != "\"" {
          value.unicodeScalars.append(scalar == "\\" ? rest.popFirst() ?? scalar : scalar)
        }
        rest = rest.drop { $0 != ";" }
      } else {
        let plain = rest.prefix { $0 != ";" }
        value = String(Substring(plain)).trimmed
        rest = rest[plain.endIndex...]
      }
      if String(Substring(name)).trimmed.lowercased() == wanted { return value }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// Where `pattern` first stands.
  fileprivate func position(of pattern: [UInt8]) -> Int? {
    guard let first = pattern.first, count >= pattern.count else { return nil }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first), found + pattern.count <= endIndex {
      if self[found..<found + pattern.count].elementsEqual(pattern) { return found }
      start = found + 1
    }
    return nil
  }
}
