/// Finds where the elements of a JSON array begin, which the parser doesn't keep.
enum ElementPositions {
  /// A place in a text; both count from 1, the column in bytes.
  struct Place: Equatable {
    let line: Int
    let column: Int
  }

  /// - Parameter bytes: an array that was parsed without fault.
  static func find(_ bytes: [UInt8]) -> [Place] {
    var places: [Place] = []
    var depth = 0
    var line = 1
    var lineStart = 0
    var isInString = false
    var isEscaped = false
    var awaitsElement = false
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") {
        line += 1
        lineStart = index + 1
        continue
      }
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      if awaitsElement, depth == 1, !" \t\r]".utf8.contains(byte) {
        places.append(Place(line: line, column: index - lineStart + 1))
        awaitsElement = false
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth == 1 { awaitsElement = true }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","): if depth == 1 { awaitsElement = true }
      default: break
      }
    }
    return places
  }
}
