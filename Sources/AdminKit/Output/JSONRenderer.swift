import Domain
import Postgres

// Objects are written here and not by `JSONWriter`: names are quoted once for all rows, layout goes
// between the pieces, and nothing that a terminal would obey stands in a string.
extension [UInt8] {
  /// A value as JSON.
  mutating func append(json value: Value) {
    switch value {
    case .null: append(text: "null")
    case .bool(let value): append(bool: value)
    case .int(let value): append(int: value)
    case .text(let text): append(quoted: text)
    case .time(let time):
      append(ascii: "\"")
      append(time: time)
      append(ascii: "\"")
    case .list(let elements):
      append(ascii: "[")
      for (index, element) in elements.enumerated() {
        if index > 0 { append(ascii: ",") }
        append(json: element)
      }
      append(ascii: "]")
    }
  }

  /// A text as a JSON string.
  mutating func append(quoted text: String) {
    append(ascii: "\"")
    append(text: text, escaping: JSONEscapes())
    append(ascii: "\"")
  }

  /// An object; each value follows what is given for its place.
  fileprivate mutating func append(object values: [Value], after leads: [[UInt8]]) {
    append(ascii: "{")
    for (lead, value) in zip(leads, values) {
      append(contentsOf: lead)
      append(json: value)
    }
  }
}

/// What stands before each value of an object: separator, name and colon.
private func objectLeads(
  _ columns: [Column], first: String, next: String, colon: String
) -> [[UInt8]] {
  columns.enumerated().map { index, column in
    var lead = Array((index == 0 ? first : next).utf8)
    lead.append(quoted: column.key)
    lead.append(text: colon)
    return lead
  }
}

/// A thing over several lines, or an array with a thing on each line.
final class JSONRenderer: Renderer {
  private let shape: Shape
  private let leads: [[UInt8]]
  private var isEmpty = true
  private var out: OutputBuffer

  init(_ columns: [Column], _ shape: Shape, _ out: OutputBuffer) {
    self.shape = shape
    self.out = out
    leads =
      switch shape {
      case .one: objectLeads(columns, first: "\n  ", next: ",\n  ", colon: ": ")
      case .many: objectLeads(columns, first: "", next: ", ", colon: ": ")
      }
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    switch shape {
    case .one:
      out.bytes.append(object: values, after: leads)
      out.bytes.append(text: leads.isEmpty ? "}\n" : "\n}\n")
    case .many:
      // The line's end waits for the next row, which knows that a comma is due.
      out.bytes.append(text: isEmpty ? "[\n  " : ",\n  ")
      out.bytes.append(object: values, after: leads)
      out.bytes.append(ascii: "}")
    }
    isEmpty = false
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws {
    switch shape {
    case .one: if isEmpty { out.bytes.append(text: "null\n") }
    case .many: out.bytes.append(text: isEmpty ? "[]\n" : "\n]\n")
    }
    try out.flush()
  }
}

/// A thing on each line, as short as can be.
final class JSONLinesRenderer: Renderer {
  private let leads: [[UInt8]]
  private var out: OutputBuffer

  init(_ columns: [Column], _ out: OutputBuffer) {
    leads = objectLeads(columns, first: "", next: ",", colon: ":")
    self.out = out
  }

  func begin() {}

  func row(_ values: [Value]) throws {
    out.bytes.append(object: values, after: leads)
    out.bytes.append(text: "}\n")
    try out.flushIfFull()
  }

  func flush() throws { try out.flush() }

  func end() throws { try out.flush() }
}
