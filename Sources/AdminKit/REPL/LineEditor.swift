import CReadline
import Glibc
import Synchronization

/// GNU readline, as the REPL uses it. It knows one terminal and one thread, the main one.
enum LineEditor {
  private static let completer = Mutex<Completer?>(nil)
  private static let shown = Mutex<[Candidate]>([])

  static func begin(_ completer: Completer, history: [String], limit: Int) {
    // Widths of characters follow the locale, which a program starts without.
    setlocale(LC_CTYPE, "")
    self.completer.withLock { $0 = completer }
    havoc_readline_begin("havocctl", complete, present) { Interrupt.isRaised ? 1 : 0 }
    havoc_history_limit(CInt(limit))
    for line in history { havoc_history_add(line) }
  }

  static func remember(_ line: String) { havoc_history_add(line) }

  static func read(prompt: String) -> TypedLine {
    Interrupt.clear()
    var line: UnsafeMutablePointer<CChar>?
    switch Int(havoc_readline_read(prompt, &line)) {
    case HAVOC_LINE_TEXT:
      guard let line else { return .end }
      defer { free(line) }
      return .text(String(cString: line))
    case HAVOC_LINE_INTERRUPTED:
      Interrupt.clear()
      return .interrupted
    default: return .end
    }
  }

  /// Answers TAB. Readline replaces what follows the last blank, which is only the end of a word
  /// that has blanks itself, so the beginning is left out of what it is given.
  private static let complete: havoc_completer = { line, start, append in
    guard let line, let completer = LineEditor.completer.withLock({ $0 }) else { return nil }
    let text = String(cString: line)
    guard let answer = completer.complete(text) else { return nil }
    let start = Int(start)
    let offset = text.utf8.distance(from: text.startIndex, to: answer.wordStart)
    let candidates = answer.candidates
    guard !candidates.isEmpty, start >= offset else { return nil }
    LineEditor.shown.withLock { $0 = candidates }
    let replacements = candidates.map { candidate in
      String(decoding: Array(candidate.text.utf8).dropFirst(start - offset), as: UTF8.self)
    }
    if candidates.count == 1, candidates[0].isOpen { append?.pointee = 0 }
    let typed = String(decoding: Array(text.utf8)[start...], as: UTF8.self)
    return LineEditor.array(replacements, typed: typed)
  }

  /// What readline wants: what all have in common, then, if they are several, each.
  private static func array(
    _ texts: [String], typed: String
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    var common = texts[0]
    for text in texts.dropFirst() {
      while !text.lowercased().hasPrefix(common.lowercased()) { common.removeLast() }
    }
    if common.utf8.count < typed.utf8.count { common = typed }
    let all = texts.count == 1 ? [texts[0]] : [common] + texts
    let size = MemoryLayout<UnsafeMutablePointer<CChar>?>.stride * (all.count + 1)
    guard
      let array = malloc(size)?.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
    else { return nil }
    for (index, text) in all.enumerated() { array[index] = strdup(text) }
    array[all.count] = nil
    return array
  }

  private static let present: havoc_presenter = {
    let candidates = LineEditor.shown.withLock { $0 }
    havoc_readline_show(CandidateList.text(candidates, width: Int(havoc_readline_columns())))
  }
}
