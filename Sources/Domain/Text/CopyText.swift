/// Rows in COPY's text format.
struct CopyText {
  private(set) var bytes: [UInt8] = []
  private var isRowBegun = false

  mutating func append(_ text: String?) {
    if isRowBegun { bytes.append(UInt8(ascii: "\t")) }
    isRowBegun = true
    guard var text else { return bytes.append(contentsOf: "\\N".utf8) }
    text.withUTF8 { buffer in
      var start = 0
      for index in 0..<buffer.count {
        let escape: UInt8
        switch buffer[index] {
        case UInt8(ascii: "\\"): escape = UInt8(ascii: "\\")
        case UInt8(ascii: "\t"): escape = UInt8(ascii: "t")
        case UInt8(ascii: "\n"): escape = UInt8(ascii: "n")
        case UInt8(ascii: "\r"): escape = UInt8(ascii: "r")
        default: continue
        }
        bytes.append(contentsOf: buffer[start..<index])
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(escape)
        start = index + 1
      }
      bytes.append(contentsOf: buffer[start...])
    }
  }

  mutating func append(_ number: Int) { append(String(number)) }

  mutating func append(_ value: Bool) { append(value ? "t" : "f") }

  mutating func endRow() {
    bytes.append(UInt8(ascii: "\n"))
    isRowBegun = false
  }
}
