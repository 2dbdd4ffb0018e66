import EventLoop
import Glibc

/// Why the embedded cluster can't be used, in words for an administrator.
public struct EmbeddedClusterError: Error, Sendable, CustomStringConvertible {
  /// What failed and why: `can't make the directory /srv/x: Read-only file system`.
  public let message: String
  /// What to do about it, where there is something.
  public let hint: String?

  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.map { "\(message) (\($0))" } ?? message }

  /// A system call on `path` that failed while doing `what`, with a hint where the code has one.
  init(_ what: String, _ error: SystemError, path: String) {
    self.init("\(what): \(error.reason)", hint: Self.hint(for: error.code, path: path))
  }

  private static func hint(for code: CInt, path: String) -> String? {
    switch code {
    case ENOSPC, EDQUOT: spaceHint(path: path)
    case EACCES, EPERM, EROFS, ENOTDIR, ENOENT, ELOOP, ENAMETOOLONG:
      "set STATE_DIRECTORY to a directory that this user may write to, or name a database with "
        + "--database"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    default: nil
    }
  }

  /// How much room there is where `path` lies, or would lie.
  static func spaceHint(path: String) -> String {
    guard let free = freeBytes(near: path) else { return "make room on the file system of \(path)" }
    let unit: (String, UInt64) = free < 10 << 20 ? ("KiB", 1 << 10) : ("MiB", 1 << 20)
    return "only \(free / unit.1) \(unit.0) are free on the file system of \(path): make room "
      + "there (a new cluster takes about 60 MiB)"
  }

  /// The words for a program's failure: what it, or PostgreSQL in its log, complained of.
  ///
  /// - Parameters:
  ///   - what: What was tried, as in `can't start the embedded database`.
  ///   - output: Lines of the log or of standard error; the last complaint counts.
  ///   - path: Where it worked, for the hint about free space.
  ///   - log: The file that holds more, where there is one.
  static func complaint(
    _ what: String, output: String, path: String, log: String? = nil
  ) -> EmbeddedClusterError {
    var note: String?
    var why: String?
    var advice: String?
    var isFull = false
    for line in output.split(separator: "\n") where !isFull {
      // What else goes wrong on a full disk only follows from it.
      isFull = ["No space left on device", "quota exceeded"].contains { line.contains($0) }
      if let text = line.text(after: ["FATAL:", "PANIC:", "ERROR:", "error:"]) {
        // What is wrong in a file of settings it only notes, and then fails without a reason.
        why = text.hasSuffix("contains errors") ? note ?? text : text
        advice = nil
      } else if let text = line.text(after: ["HINT:", "hint:"]) {
        advice = text
      } else if let text = line.text(after: ["DETAIL:", "detail:"]), let reason = why {
        why = "\(reason) (\(text))"
      } else {
        note = line.text(after: ["LOG:"]) ?? (isFull ? String(line) : note)
        if isFull { why = note }
      }
    }
    if isFull || freeBytes(near: path).map({ $0 < 1 << 20 }) == true {
      advice = spaceHint(path: path)
    }
    let last = output.split(separator: "\n").last.map(String.init)
    let reason = why ?? last ?? "it ended without a word"
    return EmbeddedClusterError("\(what): \(reason)", hint: advice ?? log.map { "see \($0)" })
  }
}

/// Bytes that this user may still write to the file system of `path`, or of the nearest directory
/// above it that exists.
private func freeBytes(near path: String) -> UInt64? {
  var place = path
  while !place.isEmpty {
    var answer = statvfs()
    if statvfs(place, &answer) == 0 { return UInt64(answer.f_bavail) * UInt64(answer.f_frsize) }
    place = parentPath(of: place)
  }
  return nil
}

extension Substring {
  /// What follows the first of the markers that the line holds, without the blanks around it.
  fileprivate func text(after markers: [String]) -> String? {
    for marker in markers {
      guard let end = self.endOfFirst(marker) else { continue }
      let rest = self[end...].drop { $0 == " " }
      return rest.isEmpty ? nil : String(rest)
    }
    return nil
  }

  private func endOfFirst(_ marker: String) -> Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(marker) { return index(start, offsetBy: marker.count) }
      start = index(after: start)
    }
    return nil
  }
}
