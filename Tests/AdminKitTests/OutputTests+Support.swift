import Domain
import Postgres
import Testing

@testable import AdminKit

/// What a renderer writes.
func render(
  _ columns: [Column], _ rows: [[Value]], _ style: OutputStyle, shape: Shape = .many
) throws -> String {
  let sink = CollectingSink()
  let renderer = makeRenderer(columns: columns, shape: shape, style: style, sink: sink)
  try renderer.begin()
  for row in rows { try renderer.row(row) }
  try renderer.end()
  return sink.text
}

/// One column of text.
func render(texts: [String], _ style: OutputStyle) throws -> String {
  try render([Column("text", .text)], texts.map { [.text($0)] }, style)
}

let accountColumns = [
  Column("id", .int), Column("username", .text), Column("email", .text), Column("locked", .bool),
  Column("created", .time), Column("groups", .list),
]

let annRow: [Value] = [
  .int(7), .text("ann"), .null, .bool(false),
  .time(Timestamp(microseconds: 1_767_323_045_678_901)), .list([.text("a,b"), .int(-1), .null]),
]

let bobRow: [Value] = [
  .int(-12), .text("Bob \"the\" Builder"), .text(""), .bool(true),
  .time(Timestamp(seconds: 1_767_323_045)), .list([]),
]

/// Texts that each format has trouble with, and pieces of the ones below.
let awkwardTexts = [
  "", " ", "a", "-", "- a", "a: b", "a #b", "#a", "~", "null", "Null", "true", "NO", "y", "off",
  "12", "-1", "1e3", "0x10", ".inf", "12:30:45", "2026-01-02", "'a'", "\"a\"", "a,b", "a;b",
  "{a}", "[a]", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "?", "? a", ":", "---", "...",
  "=", "<<", " a", "a ", "a  b", "\\", "\\n", "a\\", "\t", "\ta", "\n", "a\nb", "a\r\nb", "\r",
  "\u{0}", "\u{1B}[31mred", "\u{7F}", "\u{85}", "\u{9B}31m", "\u{A0}", "\u{2028}", "\u{2029}",
  "\u{202E}abc", "\u{2066}a", "\u{FEFF}a", "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "é",
  "e\u{301}", "\u{301}", "中文", "👩‍👩‍👧‍👦", "🇨🇿", "ﬁ", "Ünïcode",
  "العربية", "\u{E000}", "…", "O'Neil, \"the\" \\ – Ünïcode # : - {x}", "=1+1",
  "\\.",
]

/// The same every time, so that what fails fails again.
struct OutputTestGenerator: RandomNumberGenerator {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

/// The awkward texts and many that are put together from them.
func manyTexts() -> [String] {
  var generator = OutputTestGenerator()
  return awkwardTexts
    + (0..<2_000).map { _ in
      (0..<Int.random(in: 2...5, using: &generator))
        .map { _ in awkwardTexts.randomElement(using: &generator) ?? "" }.joined()
    }
}

/// Reads RFC 4180; nil is an empty field without quotes.
func readCSV(_ text: String) -> [[String?]] {
  var rows: [[String?]] = []
  var row: [String?] = []
  var field: String.UnicodeScalarView?
  var isQuoted = false
  var rest = text.unicodeScalars[...]
  while let scalar = rest.popFirst() {
    if isQuoted {
      if scalar != "\"" {
        field?.append(scalar)
      } else if rest.first == "\"" {
        rest.removeFirst()
        field?.append(scalar)
      } else {
        isQuoted = false
      }
      continue
    }
    switch scalar {
    case "\"":
      isQuoted = true
      field = field ?? "".unicodeScalars
    case ",", "\n":
      row.append(field.map { String($0) })
      field = nil
      if scalar == "\n" {
        rows.append(row)
        row = []
      }
    default: field = (field ?? "".unicodeScalars) + [scalar]
    }
  }
  return rows
}

/// Undoes what the format `plain` escapes.
func unescaped(_ field: Substring.UTF8View) -> String {
  var bytes: [UInt8] = []
  var rest = field
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
      bytes.append(byte)
      continue
    }
    switch letter {
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "x"):
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      bytes.append(UInt8(digits, radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    default: bytes.append(letter)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Whether a terminal, or a reader of lines, would do something at a character other than a newline
/// or a tab.
func obeyed(_ text: String) -> Bool {
  text.unicodeScalars.contains { scalar in
    scalar.value < 0x20 && scalar != "\n" && scalar != "\t"
      || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value) || scalar == "\u{FEFF}"
  }
}
