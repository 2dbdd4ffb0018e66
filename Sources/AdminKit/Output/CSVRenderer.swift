import Domain
import Postgres

/// RFC 4180 with a header, and with psql's line ends. Null is an empty field, an empty text a pair
/// of quotes.
final class CSVRenderer: Renderer {
  private let header: [String]
  private let isTerminal: Bool
  private var out: OutputBuffer

  /// Lines stay lines on a terminal; what else it would obey is escaped there, and only there, as
  /// programs want values as they are.
  private static let terminalEscapes = DisplayEscapes(newline: "\n", tab: "\t")

  init(_ columns: [Column], isTerminal: Bool, _ out: OutputBuffer) {
    header = columns.map(\.key)
    self.isTerminal = isTerminal
    self.out = out
  }

  func begin() throws {
    for (index, key) in header.enumerated() {
      if index > 0 { out.bytes.append(ascii: ",") }
      out.bytes.append(csv: key)
    }
    out.bytes.append(ascii: "\n")
  }

  func row(_ values: [Value]) throws {
    for (index, value) in values.enumerated() {
      if index > 0 { out.bytes.append(ascii: ",") }
      append(value)
    }
    out.bytes.append(ascii: "\n")
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws { try out.flush() }

  private func append(_ value: Value) {
    switch value {
    case .null: break
    case .bool(let value): out.bytes.append(bool: value)
    case .int(let value): out.bytes.append(int: value)
    case .text(let text):
      out.bytes.append(csv: isTerminal ? Self.terminalEscapes.escaped(text) : text)
    case .time(let time): out.bytes.append(time: time)
    case .list:
      var list: [UInt8] = []
      list.append(json: value)
      out.bytes.append(csv: String(decoding: list, as: UTF8.self))
    }
  }
}

extension [UInt8] {
  /// A text as a field, in quotes where it needs them.
  fileprivate mutating func append(csv text: String) {
    var text = text
    text.withUTF8 { buffer in
      guard needsQuotes(buffer) else { return append(contentsOf: buffer) }
      append(ascii: "\"")
      var start = 0
      for index in 0..<buffer.count where buffer[index] == UInt8(ascii: "\"") {
        // The quote goes out twice: here, and as the beginning of what follows.
        append(contentsOf: buffer[start...index])
        start = index
      }
      append(contentsOf: buffer[start...])
      append(ascii: "\"")
    }
  }
}

/// Besides what RFC 4180 says: an empty text, to tell it from null, and blanks at an end, which
/// readers such as libcsv strip where there are no quotes.
private func needsQuotes(_ buffer: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = buffer.first, let last = buffer.last else { return true }
  let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
  if blanks.contains(first) || blanks.contains(last) { return true }
  for byte in buffer {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return true
    default: continue
    }
  }
  return false
}
