import CLinux
import EventLoop
import Glibc

/// How far long work has come, on a terminal's standard error, while it lasts.
final class ProgressBar {
  private static let firstShown = Duration.milliseconds(500)
  private static let interval = Duration.milliseconds(100)
  private static let barWidth = 20

  private let what: String
  private let isShown: Bool
  private let isUTF8: Bool
  private let began = Loop.monotonicNanoseconds()
  private var next: UInt64
  private var text: String
  private var isDrawn = false
  private var isOver = false

  init(_ what: String, _ environment: AdminEnvironment) {
    let terminal = environment.terminal
    self.what = what
    text = what
    isShown = terminal.isErrorTerminal && terminal.movesCursor
    isUTF8 = terminal.isUTF8
    next = began + Self.firstShown.nanoseconds
    if isShown { showLater(environment.loop, after: Self.firstShown) }
  }

  deinit { clear() }

  /// While something is waited for, nobody else draws it.
  private func showLater(_ loop: Loop, after delay: Duration) {
    loop.schedule(after: delay) { [weak self] in
      guard let self, !isOver else { return }
      draw()
      showLater(loop, after: Self.firstShown)
    }
  }

  /// - Parameters:
  ///   - count: things that are done.
  ///   - share: of all of them, where that is known.
  func show(_ count: Int, share: Double?) {
    guard isDue() else { return }
    let seconds = Double(Loop.monotonicNanoseconds() - began) / 1e9
    var parts = [what]
    if let share {
      let share = min(1, max(0, share))
      let filled = Int(share * Double(Self.barWidth))
      let (full, empty) = isUTF8 ? ("█", "░") : ("#", ".")
      parts.append(Self.padded("\(Int(share * 100)) %", 5))
      parts.append(
        String(repeating: full, count: filled)
          + String(repeating: empty, count: Self.barWidth - filled))
    }
    parts.append(Self.grouped(count))
    parts.append("\(Self.grouped(Int(Double(count) / seconds)))/s")
    if let share, share > 0.01 { parts.append("\(Int(seconds / share - seconds)) s left") }
    text = parts.joined(separator: "  ")
    draw()
  }

  /// Work whose end can't be foreseen, by what there is of it.
  func show(bytes: Int) {
    guard isDue() else { return }
    let seconds = Double(Loop.monotonicNanoseconds() - began) / 1e9
    let rate = Int(Double(bytes) / seconds)
    text = "\(what)  \(bytes >> 20) MiB  \(rate >> 20) MiB/s"
    draw()
  }

  /// Names a step whose end can't be foreseen.
  func say(_ step: String) {
    text = "\(what)  \(step)"
    if isDue() { draw() }
  }

  /// Tells how long it has taken.
  func sayTime() { say("\((Loop.monotonicNanoseconds() - began) / 1_000_000_000) s") }

  /// Whether it is time to draw it again.
  private func isDue() -> Bool {
    let now = Loop.monotonicNanoseconds()
    guard isShown, now >= next else { return false }
    next = now + Self.interval.nanoseconds
    return true
  }

  private func draw() {
    isDrawn = true
    // A line that is full would begin another.
    let width = max(1, Int(havoc_terminal_width(STDERR_FILENO)) - 1)
    let line = TextWidth.truncated(text, to: width, mark: isUTF8 ? "…" : "...")
    write("\r\(line)\u{1B}[K")
  }

  /// Takes it away.
  func clear() {
    isOver = true
    if isDrawn { write("\r\u{1B}[K") }
    isDrawn = false
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// `1,234,567`.
  static func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
