import Glibc

/// A file that is read piece by piece.
final class InputFile {
  let path: String
  private let descriptor: CInt
  private var buffer: [UInt8]

  /// Bytes that were read.
  private(set) var position = 0

  /// Bytes read at once.
  private static let pieceSize = 262_144

  /// - Parameter path: `-` for standard input.
  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = path == "-" ? 0 : Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let status: ExitStatus = errno == ENOENT ? .notFound : .failed
      throw Failure(status, "\(path): \(String(cString: strerror(errno)))")
    }
    buffer = [UInt8](repeating: 0, count: Self.pieceSize)
  }

  deinit { if descriptor > 0 { close(descriptor) } }

  /// Bytes of it; nil for what isn't a file.
  var size: Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The next piece; empty at the end.
  func read() throws(Failure) -> ArraySlice<UInt8> {
    while true {
      let count = buffer.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      try Interrupt.check()
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(.failed, "\(path): \(String(cString: strerror(errno)))")
      }
      position += count
      return buffer[..<count]
    }
  }

  /// Everything that is left.
  func readAll() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let piece = try read()
      if piece.isEmpty { return bytes }
      bytes += piece
    }
  }
}
