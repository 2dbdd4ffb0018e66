import Postgres

/// An answer that is shown again and again: in place on a terminal, one behind the other elsewhere.
struct WatchedScreen {
  private let terminal: Terminal
  private let title: String
  /// Whether an answer is told from the one before it by an empty line.
  private let separates: Bool
  private var drawn = 0

  init(_ terminal: Terminal, title: String, separates: Bool) {
    self.terminal = terminal
    self.title = title
    self.separates = separates
  }

  mutating func show(_ answer: [UInt8]) throws {
    guard let height = terminal.height else {
      let gap: [UInt8] = separates && drawn > 0 ? [0x0A] : []
      drawn += 1
      return try DescriptorSink().write(gap + answer)
    }
    var lines = answer.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let time = Timestamp(seconds: Timestamp.now.seconds).rfc3339
    let header = Array(
      TextWidth.truncated("\(title)   \(time)", to: terminal.width ?? .max, mark: "").utf8)
    let shown = [header[...]] + lines.prefix(max(0, height - 2))
    // Without wrapping, so that a line stays a line.
    var frame = Array("\u{1B}[?7l".utf8)
    if drawn > 0 { frame += Array("\u{1B}[\(drawn)A\r".utf8) }
    for line in shown {
      frame += line
      frame += Array("\u{1B}[K\n".utf8)
    }
    frame += Array("\u{1B}[J\u{1B}[?7h".utf8)
    drawn = shown.count
    try DescriptorSink().write(frame)
  }
}
