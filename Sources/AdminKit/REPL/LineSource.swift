import Glibc

/// Where the REPL's lines come from.
protocol LineSource: AnyObject {
  /// Whether somebody types them, who is told of an error and goes on.
  var isInteractive: Bool { get }
  /// Where the last line came from, for an error: `line 3`, `setup.txt:3`; nil where somebody sees it.
  var place: String? { get }
  /// - Parameter prompt: shown where somebody types.
  func next(prompt: String) throws(Failure) -> TypedLine
}

enum TypedLine {
  case text(String)
  /// Ctrl-C: what was typed counts no more.
  case interrupted
  case end
}

/// Lines that are edited on a terminal.
final class TerminalLines: LineSource {
  let isInteractive = true
  let place: String? = nil
  /// Of lines that were pasted together, those that haven't had their turn.
  private var pasted: ArraySlice<Substring> = []

  func next(prompt: String) -> TypedLine {
    if let line = pasted.popFirst() { return .text(String(line)) }
    let typed = LineEditor.read(prompt: prompt)
    guard case .text(let text) = typed, text.contains("\n") else { return typed }
    pasted = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    return .text(String(pasted.removeFirst()))
  }
}

/// Lines of standard input that isn't a terminal.
final class InputLines: LineSource {
  let isInteractive = false
  private var number = 0

  var place: String? { "line \(number)" }

  func next(prompt: String) throws(Failure) -> TypedLine {
    guard let line = try StandardInput.readLine() else { return .end }
    number += 1
    return .text(try ScriptText.line(line, number))
  }
}

/// A file's lines.
final class FileLines: LineSource {
  let isInteractive = false
  private let path: String
  private var lines: ArraySlice<ArraySlice<UInt8>>
  private var number = 0

  var place: String? { "\(path):\(number)" }

  convenience init(_ path: String) throws(Failure) {
    self.init(path, try InputFile(path).readAll())
  }

  /// - Parameter path: what errors call it.
  init(_ path: String, _ bytes: [UInt8]) {
    self.path = path
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines[...]
  }

  func next(prompt: String) throws(Failure) -> TypedLine {
    guard let line = lines.popFirst() else { return .end }
    number += 1
    return .text(try ScriptText.line(line, number))
  }
}

private enum ScriptText {
  /// Some editors begin a file with it.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// - Throws: where it isn't text.
  static func line(_ bytes: ArraySlice<UInt8>, _ number: Int) throws(Failure) -> String {
    var bytes = bytes.last == 0x0D ? bytes.dropLast() : bytes
    if number == 1, bytes.starts(with: byteOrderMark) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw Failure(.usage, "this isn't UTF-8 text")
    }
    return text
  }
}
