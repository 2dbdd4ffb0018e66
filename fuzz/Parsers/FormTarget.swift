import Domain

@testable import AdminKit
@testable import Server

/// A body as the client says that it is written: the first line is its Content-Type.
///
/// What a form says is found out a second time by the definition, byte by byte, and what was read of a
/// body reads the same when it is written again.
enum FormTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    var input = FuzzInput(bytes)
    let type = String(decoding: input.line(), as: UTF8.self)
    let body = Array(input.rest)
    checkEncoding(body)
    checkCookies(body)
    guard let form = try? FormBody(body, contentType: type) else { return }
    let names = form.members.map { Array($0.name.utf8) }
    require(Set(names).count == names.count, "a name stands twice")
    for member in form.members { checkFile(form, member) }
    if MediaType(type).name == "multipart/form-data" { checkMultipart(form, type) }
    checkInput(form)
  }

  // MARK: application/x-www-form-urlencoded

  private static func checkEncoding(_ body: [UInt8]) {
    guard let text = String(validating: body, as: UTF8.self) else { return }
    let pairs = PercentEncoding.decodePairs(text[...])
    let expected = definition(body)
    require(
      (pairs == nil) == (expected == nil), "“\(text)” is taken by one and refused by the other")
    guard let pairs, let expected else { return }
    require(
      pairs.map { [Array($0.name.utf8), Array($0.value.utf8)] } == expected,
      "“\(text)” is read as \(pairs)")
    let again = pairs.map {
      "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }.joined(separator: "&")
    let read = PercentEncoding.decodePairs(again[...]) ?? []
    require(
      read.map { [Array($0.name.utf8), Array($0.value.utf8)] } == expected,
      "“\(again)” reads differently")
  }

  /// As the URL Standard has it (section 5.1), with malformed escapes, NUL and what isn't UTF-8
  /// refused.
  private static func definition(_ body: [UInt8]) -> [[[UInt8]]]? {
    var pairs: [[[UInt8]]] = []
    for part in body.split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "="))
      let name = decoded(part[..<(equals ?? part.endIndex)])
      let value = decoded(equals.map { part[($0 + 1)...] } ?? [])
      guard let name, let value else { return nil }
      pairs.append([name, value])
    }
    return pairs
  }

  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        let digits = rest.prefix(2)
        let isHex = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard digits.count == 2, isHex,
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value != 0
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else if byte == 0 {
        return nil
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) == nil ? nil : bytes
  }

  private static func checkCookies(_ body: [UInt8]) {
    var head = Head()
    "cookie".utf8.withContiguousStorageIfAvailable { name in
      body.withUnsafeBufferPointer { head.add(name, $0) }
    }
    for name in ["a", CookieName.session] {
      guard let value = head.cookie(name) else { continue }
      require(!value.isEmpty && !value.utf8.contains(UInt8(ascii: ";")), "no cookie: “\(value)”")
    }
  }

  // MARK: multipart/form-data

  private static func checkFile(_ form: FormBody, _ member: JSON.Member) {
    guard form.file(member.name) != nil else { return }
    require(member.value == .object([]), "a file passes for a text")
  }

  /// Writes the parts again behind a boundary that none of them holds.
  private static func checkMultipart(_ form: FormBody, _ type: String) {
    require(form.members.count <= 1_000, "too many parts")
    let boundary = "again-\(String(repeating: "7", count: 32))"
    var body: [UInt8] = []
    for member in form.members {
      // A name goes into a header, whose lines end.
      guard !member.name.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A }) else { return }
      let name = member.name.replacing(scalar: "\\", with: "\\\\")
        .replacing(scalar: "\"", with: "\\\"")
      let file = form.file(member.name)
      body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"".utf8
      body += (file == nil ? "" : "; filename=\"x\"").utf8
      body += "\r\n\r\n".utf8
      body += file ?? Array((member.value.string ?? "").utf8)
      body += "\r\n".utf8
    }
    body += "--\(boundary)--\r\n".utf8
    let again = try? FormBody(body, contentType: "multipart/form-data; boundary=\(boundary)")
    require(again?.members == form.members, "the parts read differently")
    for member in form.members {
      require(again?.file(member.name) == form.file(member.name), "a file reads differently")
    }
  }

  // MARK: Fields

  private static let fields = [
    Field("a", .text(longest: 8)), Field("b", .secret(longest: 8), isRequired: false),
    Field("c", .code, isRequired: false), Field("d", .textOrFile(longest: 8), isRequired: false),
    Field("e", .boolean, isRequired: false), Field("f", .integer, isRequired: false),
    Field("g", .object([Field("a", .text(longest: 8)), Field("f", .integer)]), isRequired: false),
  ]

  private static func checkInput(_ form: FormBody) {
    guard let input = try? Input(form, fields: fields) else { return }
    let inner = input.object(fields[6])
    require(inner == nil || inner?.integer(fields[5]) != nil, "what is required is missing")
    for field in [fields[0], fields[1], fields[3]] {
      guard let text = input.text(field) else { continue }
      require(text.utf8.count <= 8, "“\(text)” is too long")
      require(!text.utf8.contains(0), "a NUL")
      require(field.isSecret || text.trimmed == text, "white space at an end")
    }
    require(!input.required(fields[0]).isEmpty, "what is required is missing")
  }
}
