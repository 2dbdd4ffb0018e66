import Glibc

/// Looks for halves of surrogate pairs in a JSON text that comes in pieces (RFC 8259, section 8.2):
/// the parser would make question marks of them.
struct SurrogateCheck {
  private enum State {
    case plain
    /// Behind a backslash.
    case escape
    /// Behind `\u` and some digits of a number.
    case digits(UInt32, count: Int)
  }

  private var state = State.plain
  /// Whether a first half was just there, so that a second one must come at once.
  private var isHalf = false

  /// - Returns: false where one stands alone.
  mutating func accepts(_ piece: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while position < piece.count {
      if case .plain = state, !isHalf {
        // Few texts have escapes at all.
        guard let start = piece.baseAddress,
          let found = memchr(start + position, CInt(UInt8(ascii: "\\")), piece.count - position)
        else { return true }
        position = UnsafeRawPointer(found) - start
      }
      guard take(piece[position]) else { return false }
      position += 1
    }
    return true
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    switch state {
    case .plain:
      if byte == UInt8(ascii: "\\") { state = .escape } else if isHalf { return false }
    case .escape:
      let isNumber = byte == UInt8(ascii: "u")
      state = isNumber ? .digits(0, count: 0) : .plain
      return isNumber || !isHalf
    case .digits(let value, let count):
      // What is no digit is the parser's to refuse.
      let next = value << 4 | UInt32(Character(Unicode.Scalar(byte)).hexDigitValue ?? 0)
      guard count == 3 else {
        state = .digits(next, count: count + 1)
        return true
      }
      state = .plain
      let isFirstHalf = (0xD800...0xDBFF).contains(next)
      let isSecondHalf = (0xDC00...0xDFFF).contains(next)
      defer { isHalf = isFirstHalf }
      return isHalf == isSecondHalf
    }
    return true
  }
}
