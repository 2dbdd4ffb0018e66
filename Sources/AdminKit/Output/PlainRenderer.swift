import Postgres

extension [UInt8] {
  /// A value as one field of a line; null is nothing, and so is an empty text.
  fileprivate mutating func append(plain value: Value, _ escapes: PlainEscapes) {
    switch value {
    case .null: break
    case .bool(let value): append(bool: value)
    case .int(let value): append(int: value)
    case .text(let text): append(text: text, escaping: escapes)
    case .time(let time): append(time: time)
    case .list:
      var list: [UInt8] = []
      list.append(json: value)
      append(text: String(decoding: list, as: UTF8.self), escaping: escapes)
    }
  }
}

/// A line for each row and tabs between values, for `cut`, `awk` and `while read -r`.
final class PlainRenderer: Renderer {
  private var out: OutputBuffer

  init(_ out: OutputBuffer) { self.out = out }

  func begin() {}

  func row(_ values: [Value]) throws {
    for (index, value) in values.enumerated() {
      if index > 0 { out.bytes.append(ascii: "\t") }
      out.bytes.append(plain: value, PlainEscapes())
    }
    out.bytes.append(ascii: "\n")
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws { try out.flush() }
}

/// What each row is called, for `xargs` and for lists on standard input.
final class NameRenderer: Renderer {
  private let index: Int
  private var out: OutputBuffer

  /// - Parameter index: of the value that is shown.
  init(_ index: Int, _ out: OutputBuffer) {
    self.index = index
    self.out = out
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    if values.indices.contains(index) {
      // A backslash stays one, so that a name comes back as it is; a newline would make it two.
      out.bytes.append(plain: values[index], PlainEscapes(escapesBackslash: false))
    }
    out.bytes.append(ascii: "\n")
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws { try out.flush() }
}
