import CLinux
import Glibc

/// The three standard streams and what they are.
public struct Terminal: Sendable {
  public let isInputTerminal: Bool
  public let isOutputTerminal: Bool
  public let isErrorTerminal: Bool
  /// Whether the reader shows more than ASCII, as the locale tells.
  public let isUTF8: Bool

  /// Whether nobody sits at it.
  private var isSilent = false

  /// For what runs where nobody sits: there is nothing to ask, and remarks go nowhere.
  public static let nobody: Terminal = {
    var terminal = Terminal(isUTF8: true, isInput: false, isOutput: false, isError: false)
    terminal.isSilent = true
    return terminal
  }()

  private init(isUTF8: Bool, isInput: Bool, isOutput: Bool, isError: Bool) {
    self.isUTF8 = isUTF8
    isInputTerminal = isInput
    isOutputTerminal = isOutput
    isErrorTerminal = isError
  }

  public init() {
    isUTF8 = Self.localeIsUTF8
    isInputTerminal = isatty(0) == 1
    isOutputTerminal = isatty(1) == 1
    isErrorTerminal = isatty(2) == 1
  }

  /// Whether it does more than type one line after the other.
  var movesCursor: Bool { getenv("TERM").map { String(cString: $0) } != "dumb" }

  /// Columns; nil where standard output isn't a terminal.
  public var width: Int? {
    let width = isOutputTerminal ? Int(havoc_terminal_width(STDOUT_FILENO)) : 0
    return width > 0 ? width : nil
  }

  /// Lines; nil where standard output isn't a terminal.
  public var height: Int? {
    let height = isOutputTerminal ? Int(havoc_terminal_height(STDOUT_FILENO)) : 0
    return height > 0 ? height : nil
  }

  /// The first variable that is set decides, as in setlocale(3).
  private static var localeIsUTF8: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = getenv(name), value.pointee != 0 else { continue }
      return String(cString: value).lowercased().contains("utf")
    }
    return false
  }

  /// A line, or several, on standard error. Nothing in it moves the terminal.
  public func note(_ text: String) {
    guard !isSilent else { return }
    let shown = DisplayEscapes(newline: "\n").escaped(text)
    write((isUTF8 ? shown : Self.plain(shown)) + "\n")
  }

  /// With the program's own marks in ASCII; values stay as they are.
  private static func plain(_ text: String) -> String {
    text.replacing("“", with: "\"").replacing("”", with: "\"").replacing("…", with: "...")
      .replacing("’", with: "'")
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      while !rest.isEmpty {
        let count = Glibc.write(2, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
  }

  /// A line from standard input without its end; nil at its end.
  /// - Throws: `Failure` with status `interrupted` at Ctrl-C.
  public func readLine() throws(Failure) -> String? {
    guard var line = try StandardInput.readLine() else { return nil }
    if line.last == 0x0D { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }

  /// Asks on the terminal and reads the answer.
  /// - Throws: `Failure` with status `interrupted` at Ctrl-C.
  public func ask(_ question: String) throws(Failure) -> String? {
    write(DisplayEscapes().escaped(question))
    do throws(Failure) {
      return try readLine()
    } catch {
      write("\n")
      throw error
    }
  }

  /// Asks for something that isn't shown while it is typed.
  /// - Throws: `Failure` with status `interrupted` at Ctrl-C or Ctrl-D.
  public func askSecret(_ question: String) throws(Failure) -> String {
    var before = termios()
    tcgetattr(0, &before)
    var silent = before
    // Without ISIG, so that Ctrl-C comes as a character and the terminal is restored first.
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    tcsetattr(0, TCSAFLUSH, &silent)
    defer { tcsetattr(0, TCSAFLUSH, &before) }
    // Not before: what is typed in answer would be shown, and thrown away.
    write(question)
    defer { write("\n") }
    var bytes: [UInt8] = []
    while true {
      try Interrupt.waitForInput()
      var byte: UInt8 = 0
      let count = Glibc.read(0, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { break }
      switch byte {
      case 0x0A, 0x0D: return String(decoding: bytes, as: UTF8.self)
      case 0x03, 0x04: throw Failure(.interrupted, "interrupted")
      case 0x7F, 0x08: removeLastCharacter(&bytes)
      case 0x15: bytes = []
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func removeLastCharacter(_ bytes: inout [UInt8]) {
    // The continuation bytes of UTF-8 belong to the character before them.
    while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
  }
}
