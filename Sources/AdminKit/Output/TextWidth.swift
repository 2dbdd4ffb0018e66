import CUtf8proc

/// How much room a text takes on a terminal, counted in cells, and how to make it take less or
/// more. Control characters take none: escape them first.
public enum TextWidth {
  /// The cells of a text.
  public static func of(_ text: String) -> Int { measure(text, limit: .max).width }

  /// Cuts a text that is wider than `width`, between characters as people see them.
  /// - Parameter mark: ends a text that was cut, where there is room for it.
  public static func truncated(_ text: String, to width: Int, mark: String = "…") -> String {
    fitted(text, to: width, mark: mark).text
  }

  /// As `truncated(_:to:mark:)`, with the cells that the result takes.
  static func fitted(_ text: String, to width: Int, mark: String) -> (text: String, width: Int) {
    let whole = measure(text, limit: width)
    if whole.length == text.utf8.count { return (text, whole.width) }
    let markWidth = of(mark)
    if markWidth >= width {
      // A mark alone says at least that there is something.
      return markWidth == width ? (mark, width) : (prefix(text, whole.length), whole.width)
    }
    let kept = measure(text, limit: width - markWidth)
    return (prefix(text, kept.length) + mark, kept.width + markWidth)
  }

  /// Which side of a column a text stands at.
  public enum Alignment: Sendable { case left, right }

  /// Puts spaces beside a text that is narrower than `width`.
  public static func padded(
    _ text: String, to width: Int, _ alignment: Alignment = .left
  ) -> String {
    let spaces = String(repeating: " ", count: max(0, width - of(text)))
    return alignment == .left ? text + spaces : spaces + text
  }

  /// Breaks a line at spaces so that each piece takes `width` cells at most. A word that is wider
  /// stays whole: broken, it couldn't be copied.
  public static func wrapped(_ line: String, to width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    var used = 0
    for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let wordWidth = of(String(word))
      if index > 0, used + 1 + wordWidth <= width {
        current += " \(word)"
        used += 1 + wordWidth
      } else {
        if index > 0 { lines.append(current) }
        current = String(word)
        used = wordWidth
      }
    }
    return lines + [current]
  }

  private static func prefix(_ text: String, _ length: Int) -> String {
    String(decoding: text.utf8.prefix(length), as: UTF8.self)
  }

  /// The bytes and cells of as many characters from the beginning as `limit` cells have room for.
  private static func measure(_ text: String, limit: Int) -> (length: Int, width: Int) {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      let count = min(text.utf8.count, max(0, limit))
      return (count, count)
    }
    var fitting = (length: 0, width: 0)
    var character = CharacterWidth()
    var length = 0
    for scalar in text.unicodeScalars {
      if !character.append(scalar) {
        let width = fitting.width + character.width
        if width > limit { return fitting }
        fitting = (length, width)
        character = CharacterWidth(startingWith: scalar)
      }
      length += UTF8.width(scalar)
    }
    let width = fitting.width + character.width
    return width > limit ? fitting : (length, width)
  }
}

/// The cells of one character as people see it, a grapheme cluster.
private struct CharacterWidth {
  private(set) var width = 0
  private var base: Unicode.Scalar?
  private var last: Unicode.Scalar?
  /// utf8proc's memory of flags and emoji sequences within the cluster.
  private var breakState: utf8proc_int32_t = 0

  init() {}

  init(startingWith scalar: Unicode.Scalar) { _ = append(scalar) }

  /// - Returns: false, and nothing is done, where the scalar begins another character.
  mutating func append(_ scalar: Unicode.Scalar) -> Bool {
    guard let last else {
      base = scalar
      self.last = scalar
      width = Self.cells(scalar)
      return true
    }
    if utf8proc_grapheme_break_stateful(Self.code(last), Self.code(scalar), &breakState) {
      return false
    }
    switch scalar.value {
    // Vowels and final consonants stand inside the syllable's block.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: break
    // Skin tones colour what they follow.
    case 0x1F3FB...0x1F3FF: break
    // Asks for a picture, which is two cells wide.
    case 0xFE0F: if base?.properties.isEmoji == true { width = 2 }
    // What is joined makes one picture with what it is joined to.
    default: if last.value != 0x200D { width += Self.cells(scalar) }
    }
    self.last = scalar
    return true
  }

  private static func code(_ scalar: Unicode.Scalar) -> utf8proc_int32_t {
    utf8proc_int32_t(scalar.value)
  }

  private static func cells(_ scalar: Unicode.Scalar) -> Int {
    // Spacing marks take a cell on terminals, which follow wcwidth(3).
    if scalar.properties.generalCategory == .spacingMark { return 1 }
    return Int(utf8proc_charwidth(code(scalar)))
  }
}
