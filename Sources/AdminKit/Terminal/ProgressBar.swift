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
  private var isDrawn = false

  init(_ what: String, _ terminal: Terminal) {
    self.what = what
    isShown = terminal.isErrorTerminal
    isUTF8 = terminal.isUTF8
    next = began + Self.firstShown.nanoseconds
  }

  deinit { clear() }

  /// - Parameters:
  ///   - count: things that are done.
  ///   - share: of all of them, where that is known.
  func show(_ count: Int, share: Double?) {
    guard isShown else { return }
    let now = Loop.monotonicNanoseconds()
    guard now >= next else { return }
    next = now + Self.interval.nanoseconds
    let seconds = Double(now - began) / 1e9
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
    draw(parts.joined(separator: "  "))
  }

  /// Names a step whose end can't be foreseen.
  func say(_ step: String) {
    guard isShown, isDrawn else { return }
    draw("\(what)  \(step)")
  }

  private func draw(_ text: String) {
    isDrawn = true
    write("\r\(text)\u{1B}[K")
  }

  /// Takes it away.
  func clear() {
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
