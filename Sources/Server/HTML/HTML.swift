/// HTML, escaped by construction.
///
/// It is made of literals in the source, of other HTML, and of values that are escaped on their way
/// in: there is no way from a `String` to `HTML` that doesn't escape it. What is interpolated may
/// stand between tags and in a quoted attribute; no attribute is left without quotes.
public struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// UTF-8.
  public private(set) var bytes: [UInt8]

  public init(stringLiteral literal: StaticString) {
    bytes = Array(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  public init(stringInterpolation: Interpolation) { bytes = stringInterpolation.bytes }

  /// A text, escaped.
  public init(_ text: some StringProtocol) {
    bytes = []
    Self.escape(text, into: &bytes)
  }

  public static let empty: HTML = ""

  /// A form's field that isn't shown.
  static func hidden(_ name: String, _ value: String) -> HTML {
    "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">\n"
  }

  public var isEmpty: Bool { bytes.isEmpty }

  public static func += (html: inout HTML, other: HTML) { html.bytes += other.bytes }

  /// The literals between interpolations are `StaticString`s, which only the compiler makes.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      bytes.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: StaticString) {
      bytes += UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    public mutating func appendInterpolation(_ html: HTML) { bytes += html.bytes }

    /// Nothing where there is nothing.
    public mutating func appendInterpolation(_ html: HTML?) {
      if let html { bytes += html.bytes }
    }

    public mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { bytes += part.bytes }
    }

    public mutating func appendInterpolation(_ text: some StringProtocol) {
      HTML.escape(text, into: &bytes)
    }

    public mutating func appendInterpolation(_ number: some BinaryInteger) {
      bytes += String(number).utf8
    }
  }

  private static func escape(_ text: some StringProtocol, into bytes: inout [UInt8]) {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      for scalar in text.unicodeScalars {
        if scalar.isASCII {
          escape(UInt8(truncatingIfNeeded: scalar.value), into: &bytes)
        } else {
          bytes += UTF8.encode(scalar.isShowable ? scalar : "\u{FFFD}") ?? .init()
        }
      }
      return
    }
    for byte in text.utf8 { escape(byte, into: &bytes) }
  }

  private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "&"): bytes += "&amp;".utf8
    case UInt8(ascii: "<"): bytes += "&lt;".utf8
    case UInt8(ascii: ">"): bytes += "&gt;".utf8
    case UInt8(ascii: "\""): bytes += "&quot;".utf8
    case UInt8(ascii: "'"): bytes += "&#39;".utf8
    // What HTML has no way to write shows as what it is: something that can't be shown.
    case 0...8, 11, 12, 14...31, 127: bytes += "\u{FFFD}".utf8
    default: bytes.append(byte)
    }
  }
}

extension Unicode.Scalar {
  /// Neither a control nor a noncharacter (the HTML standard, section 13.2.3.5).
  fileprivate var isShowable: Bool {
    !(0x80...0x9F).contains(value) && !(0xFDD0...0xFDEF).contains(value)
      && value & 0xFFFE != 0xFFFE
  }
}

extension Sequence<HTML> {
  /// One behind the other, with something between them.
  func joined(by separator: HTML) -> HTML {
    var all = HTML.empty
    for (index, part) in enumerated() {
      if index > 0 { all += separator }
      all += part
    }
    return all
  }
}
