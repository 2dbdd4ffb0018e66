import Domain
import Postgres

/// A mapping, or a sequence of mappings, in YAML 1.2. Texts that would be ambiguous, in YAML 1.1
/// too, are quoted as in JSON.
final class YAMLRenderer: Renderer {
  private let shape: Shape
  private let leads: [[UInt8]]
  private var isEmpty = true
  private var out: OutputBuffer

  init(_ columns: [Column], _ shape: Shape, _ out: OutputBuffer) {
    self.shape = shape
    self.out = out
    leads = columns.enumerated().map { index, column in
      var lead: [UInt8] = []
      if shape == .many { lead.append(text: index == 0 ? "- " : "  ") }
      lead.append(yaml: column.key)
      lead.append(text: ": ")
      return lead
    }
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    // One thing is one document, so another would be a document of its own.
    if shape == .one, !isEmpty { out.bytes.append(text: "---\n") }
    isEmpty = false
    for (lead, value) in zip(leads, values) {
      out.bytes.append(contentsOf: lead)
      if case .text(let text) = value {
        out.bytes.append(yaml: text)
      } else {
        // JSON's other values are YAML's, times quoted, as YAML 1.1 would make dates of them.
        out.bytes.append(json: value)
      }
      out.bytes.append(ascii: "\n")
    }
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws {
    if isEmpty { out.bytes.append(text: shape == .many ? "[]\n" : "null\n") }
    try out.flush()
  }
}

extension [UInt8] {
  /// A text, in quotes unless it is a text without them too.
  fileprivate mutating func append(yaml text: String) {
    if isPlain(text) { append(text: text) } else { append(quoted: text) }
  }
}

/// What YAML 1.1 or 1.2 reads as something other than text, in small letters; five at the most.
private let reservedWords: Set<String> = [
  "null", "true", "false", "yes", "no", "on", "off", "y", "n",
]

/// Stricter than YAML: a letter first, which no number and no sign of YAML begins with, and then
/// nothing that could ever be a sign.
private func isPlain(_ text: String) -> Bool {
  var text = text
  let looksPlain = text.withUTF8 { buffer in
    guard let first = buffer.first, isLetter(first) else { return false }
    return buffer.indices.allSatisfy { index in
      let byte = buffer[index]
      return isLetter(byte)
        ? byte < 0x80 || ControlCharacter.length(in: buffer, at: index) == 0
        : isHarmless(byte)
    }
  }
  // Blanks at an end can't be seen, and readers strip more kinds of them than YAML tells them to.
  guard looksPlain, let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
    !first.properties.isWhitespace, !last.properties.isWhitespace
  else { return false }
  return text.utf8.count > 5 || !reservedWords.contains(text.lowercased())
}

/// Letters of ASCII, and every part of what isn't ASCII.
private func isLetter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
  case UInt8(ascii: "_"), 0x80...: true
  default: false
  }
}

private func isHarmless(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): true
  case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): true
  case UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "'"): true
  default: false
  }
}
