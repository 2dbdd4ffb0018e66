import Domain
import Glibc

/// `key = value`, one a line; `#` begins a comment at a line's beginning; a value may stand in
/// double quotes to keep the spaces at its ends.
enum ConfigurationFile {
  /// - Throws: `Failure` with the file and the line.
  static func read(_ path: String) throws(Failure) -> [String: Configuration.Entry] {
    var entries: [String: Configuration.Entry] = [:]
    let text = try TextFile.read(path)
    // By bytes: CR LF is one character, which isn't LF.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let place = "\(path):\(index + 1)"
      let line = String(Substring(line)).trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let equals = line.firstIndex(of: "=") else {
        throw Failure(.usage, "\(place): this isn't “key = value”")
      }
      let key = String(line[..<equals]).trimmed
      let value = unquoted(String(line[line.index(after: equals)...]).trimmed)
      try check(key, place)
      guard entries[key] == nil else {
        throw Failure(.usage, "\(place): \(key) stands here a second time")
      }
      entries[key] = Configuration.Entry(value: value, origin: place)
    }
    return entries
  }

  private static func check(_ key: String, _ place: String) throws(Failure) {
    if Setting.named(key) != nil { return }
    if key.hasSuffix("-file"), Setting.named(String(key.dropLast(5)))?.isSecret == true { return }
    let nearest = NearestName.find(key, in: Setting.all.map(\.key))
    throw Failure(
      .usage, "\(place): there is no setting “\(key)”",
      hint: nearest.map { "did you mean \($0)?" } ?? "man havocctl.conf lists them")
  }

  private static func unquoted(_ value: String) -> String {
    value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 1
      ? String(value.dropFirst().dropLast()) : value
  }
}

/// Small files, read whole.
enum TextFile {
  /// Bytes at the most: what is read here is written by hand.
  private static let limit = 1 << 20

  static func read(_ path: String) throws(Failure) -> String {
    guard let text = String(validating: try bytes(path), as: UTF8.self) else {
      throw Failure(.failed, "\(path): the file isn't UTF-8")
    }
    return text
  }

  static func bytes(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= Self.limit else {
        throw Failure(.failed, "\(path): the file is larger than 1 MiB")
      }
    }
    return bytes
  }

  /// The first line without its end.
  static func firstLine(_ path: String) throws(Failure) -> String {
    let text = try read(path)
    let line = text.unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }
    return String(line)
  }

  static func write(_ text: String, to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      written += count
    }
  }

  private static func failure(_ path: String) -> Failure {
    let reason = String(cString: strerror(errno))
    return Failure(.failed, "\(path): \(reason)")
  }
}
