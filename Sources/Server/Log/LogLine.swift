import Domain

/// One line of the log in the making, as logfmt or as a JSON object.
///
/// A value that can't stand bare is quoted as JSON quotes it, in both: what a client sent can't forge
/// a line.
struct LogLine {
  private(set) var bytes: [UInt8] = []
  private let isJSON: Bool
  private var isFirst = true

  /// - Parameter priority: what stands before the line, for the journal.
  init(isJSON: Bool, priority: String) {
    self.isJSON = isJSON
    bytes.reserveCapacity(224)
    bytes.append(contentsOf: priority.utf8)
    if isJSON { bytes.append(UInt8(ascii: "{")) }
  }

  mutating func add(_ name: StaticString, number: Int64) {
    begin(name)
    bytes.append(decimal: number)
  }

  /// What needs no quotes: an id, an address, a word of the program's own.
  mutating func add(_ name: StaticString, word: String) {
    addWord(name) { bytes in
      var word = word
      word.withUTF8 { bytes.append(contentsOf: $0) }
    }
  }

  /// The same, as `write` appends it.
  mutating func addWord(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
    begin(name)
    if isJSON { bytes.append(UInt8(ascii: "\"")) }
    write(&bytes)
    if isJSON { bytes.append(UInt8(ascii: "\"")) }
  }

  mutating func add(_ name: StaticString, text: Substring) {
    begin(name)
    var text = text
    let isBare = text.withUTF8 { text in
      guard !isJSON, Self.isBare(text) else { return false }
      bytes.append(contentsOf: text)
      return true
    }
    if !isBare { quote(text) }
  }

  mutating func add(_ name: StaticString, _ value: Log.Field) {
    switch value {
    case .number(let number): add(name, number: number)
    case .text(let text): add(name, text: text[...])
    }
  }

  mutating func end() {
    if isJSON { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func begin(_ name: StaticString) {
    if !isFirst { bytes.append(isJSON ? UInt8(ascii: ",") : UInt8(ascii: " ")) }
    isFirst = false
    if isJSON { bytes.append(UInt8(ascii: "\"")) }
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    if isJSON { bytes.append(UInt8(ascii: "\"")) }
    bytes.append(isJSON ? UInt8(ascii: ":") : UInt8(ascii: "="))
  }

  private static func isBare(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let end = text.indexOfFirst {
      $0.under(0x21) | $0.equal("\"") | $0.equal("=") | $0.equal("\\") | $0.equal("\u{7F}")
        | $0.beyondASCII
    }
    return end == text.count && !text.isEmpty
  }

  /// Controls are escaped, and so is what some programs take for the end of a line.
  private mutating func quote(_ text: Substring) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes.append(contentsOf: "\\\"".utf8)
      case "\\": bytes.append(contentsOf: "\\\\".utf8)
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\r": bytes.append(contentsOf: "\\r".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        bytes.append(
          contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default: bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
