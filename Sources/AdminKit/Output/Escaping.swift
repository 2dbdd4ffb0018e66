/// How a format writes what can't stand in it as it is.
protocol Escaping {
  /// Whether an ASCII character that can be seen needs an escape too.
  func isSpecial(_ byte: UInt8) -> Bool
  /// - Parameter bytes: one character in UTF-8.
  func escape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, into output: inout [UInt8])
}

extension [UInt8] {
  /// Appends text; its control characters and what is special go through `escaping`.
  mutating func append(text: String, escaping: some Escaping) {
    var text = text
    text.withUTF8 { buffer in
      var start = 0
      var index = 0
      while index < buffer.count {
        let byte = buffer[index]
        let length =
          (0x20..<0x7F).contains(byte)
          ? (escaping.isSpecial(byte) ? 1 : 0) : ControlCharacter.length(in: buffer, at: index)
        guard length > 0 else {
          index += 1
          continue
        }
        append(contentsOf: buffer[start..<index])
        escaping.escape(buffer[index..<index + length], into: &self)
        index += length
        start = index
      }
      append(contentsOf: buffer[start...])
    }
  }

  /// A backslash, a letter and hex digits.
  fileprivate mutating func append(escape letter: Unicode.Scalar, _ value: UInt32, digits: UInt32) {
    append(ascii: "\\")
    append(ascii: letter)
    for position in (0..<digits).reversed() {
      let digit = UInt8(value >> (4 * position) & 0xF)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// A character that makes a terminal or a reader of lines do something instead of showing
/// something. Besides the controls of C0 and C1 these are the separators of lines and paragraphs,
/// the marks that turn the direction of writing and so can make a text look like another, the byte
/// order mark and the two codes that are no characters.
enum ControlCharacter {
  /// The bytes of the one that begins at an index; 0 where none does.
  @inline(__always)
  static func length(in buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    switch buffer[index] {
    case 0..<0x20, 0x7F: 1
    case 0xC2: buffer[index + 1] < 0xA0 ? 2 : 0
    case 0xE2, 0xEF: isInBasicPlane(buffer[index], buffer[index + 1], buffer[index + 2]) ? 3 : 0
    default: 0
    }
  }

  private static func isInBasicPlane(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    switch (first, second) {
    case (0xE2, 0x80): (0xA8...0xAE).contains(third)  // U+2028 to U+202E
    case (0xE2, 0x81): (0xA6...0xA9).contains(third)  // U+2066 to U+2069
    case (0xEF, 0xBB): third == 0xBF  // U+FEFF
    case (0xEF, 0xBF): third >= 0xBE  // U+FFFE and U+FFFF
    default: false
    }
  }

  /// The code of a character of up to three bytes.
  static func code(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32 {
    let first = UInt32(bytes[bytes.startIndex])
    let lead = bytes.count == 1 ? first : first & (bytes.count == 2 ? 0x1F : 0x0F)
    return bytes.dropFirst().reduce(lead) { $0 << 6 | UInt32($1 & 0x3F) }
  }
}

/// Inside a JSON string, which YAML reads the same.
struct JSONEscapes: Escaping {
  @inline(__always)
  func isSpecial(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }

  func escape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, into output: inout [UInt8]) {
    switch ControlCharacter.code(bytes) {
    case 0x22: output.append(text: "\\\"")
    case 0x5C: output.append(text: "\\\\")
    case 0x0A: output.append(text: "\\n")
    case 0x0D: output.append(text: "\\r")
    case 0x09: output.append(text: "\\t")
    case let code: output.append(escape: "u", code, digits: 4)
    }
  }
}

/// As PostgreSQL's COPY reads it, and `printf %b`: other control characters byte by byte in hex.
struct PlainEscapes: Escaping {
  /// Whether a backslash is doubled, so that all of it can be undone.
  var escapesBackslash = true

  @inline(__always)
  func isSpecial(_ byte: UInt8) -> Bool { escapesBackslash && byte == UInt8(ascii: "\\") }

  func escape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, into output: inout [UInt8]) {
    switch ControlCharacter.code(bytes) {
    case 0x5C: output.append(text: "\\\\")
    case 0x0A: output.append(text: "\\n")
    case 0x0D: output.append(text: "\\r")
    case 0x09: output.append(text: "\\t")
    default: for byte in bytes { output.append(escape: "x", UInt32(byte), digits: 2) }
    }
  }
}

/// For a person's eyes: nothing that a terminal would obey gets through.
struct DisplayEscapes: Escaping {
  /// What stands for the end of a line.
  var newline = "\\n"
  var tab = "\\t"

  @inline(__always)
  func isSpecial(_ byte: UInt8) -> Bool { false }

  func escape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, into output: inout [UInt8]) {
    switch ControlCharacter.code(bytes) {
    case 0x0A: output.append(text: newline)
    case 0x0D: output.append(text: "\\r")
    case 0x09: output.append(text: tab)
    case let code where code < 0x80: output.append(escape: "x", code, digits: 2)
    case let code: output.append(escape: "u", code, digits: 4)
    }
  }

  /// The text as it may be shown.
  func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.append(text: text, escaping: self)
    // Every escape is longer than what it stands for. Most texts have none, and keep their storage.
    return bytes.count == text.utf8.count ? text : String(decoding: bytes, as: UTF8.self)
  }
}
