import EventLoop
import Glibc

/// The lines that were typed in earlier sessions, in a file that sessions at the same time share:
/// each only appends to it.
struct History {
  /// Lines that are kept.
  static let limit = 2_000
  /// Lines that make room for those to come, when the file is shortened.
  private static let room = 100
  /// Stands for a newline inside a command, so that the file has a line for each.
  private static let newline: Character = "\u{1}"

  private let path: String?
  /// What keeps it from being written; said once.
  private(set) var fault: String?

  /// In `$XDG_STATE_HOME/havocctl`, or `~/.local/state/havocctl`.
  init() {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let state = variable("XDG_STATE_HOME") ?? variable("HOME").map { "\($0)/.local/state" }
    path = state.map { "\($0)/havocctl/history" }
  }

  mutating func load() -> [String] {
    guard let path, let input = try? InputFile(path), let bytes = try? input.readAll() else {
      return []
    }
    let lines = bytes.split(separator: 0x0A)
    if lines.count > Self.limit - Self.room { shorten(path) }
    return lines.suffix(Self.limit).map {
      String(decoding: $0, as: UTF8.self).replacing("\(Self.newline)", with: "\n")
    }
  }

  /// - Returns: whether the line may be remembered in this session too.
  mutating func add(_ line: String, isSecret: Bool) -> Bool {
    guard !isSecret, line.first?.isWhitespace != true else { return false }
    guard let path, fault == nil else { return true }
    do {
      try append(line.replacing("\n", with: "\(Self.newline)") + "\n", to: path)
    } catch {
      fault = "the history can't be kept: \(error.message)"
    }
    return true
  }

  private func append(_ text: String, to path: String) throws(Failure) {
    makeFolders(path)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    // One call for each line, so that those of two sessions never mix; none while it is shortened.
    flock(descriptor, LOCK_EX)
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Self.failure(path)
    }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(SystemError(path))
  }

  /// What is missing of the way to a file, for its owner alone.
  private func makeFolders(_ path: String) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      // Whatever is there already, or can't be made, the next step tells.
      _ = mkdir(folder, 0o700)
    }
  }

  /// Leaves the newest lines, in place, because other sessions have the file open.
  private func shorten(_ path: String) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX) == 0, let bytes = try? InputFile(path).readAll() else {
      return
    }
    let kept = bytes.split(separator: 0x0A).suffix(Self.limit - Self.room)
    let text = Array(kept.joined(separator: [0x0A])) + [0x0A]
    guard text.count < bytes.count, pwrite(descriptor, text, text.count, 0) == text.count else {
      return
    }
    _ = ftruncate(descriptor, text.count)
  }
}
