/// Cuts what comes in pieces into lines.
struct LineBuffer {
  private var bytes: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// - Parameter read: gives the next piece, an empty one at the end.
  /// - Returns: the next line's bytes without its end; nil at the end, behind which a terminal may
  ///   go on.
  mutating func next(
    _ read: () throws(Failure) -> some Collection<UInt8>
  ) throws(Failure) -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = bytes[searched...].firstIndex(of: 0x0A) {
        defer { position = end + 1 }
        return bytes[position..<end]
      }
      if isAtEnd {
        guard position < bytes.count else {
          isAtEnd = false
          return nil
        }
        defer { position = bytes.count }
        return bytes[position...]
      }
      bytes.removeSubrange(..<position)
      position = 0
      searched = bytes.count
      let piece = try read()
      isAtEnd = piece.isEmpty
      bytes += piece
    }
  }
}
