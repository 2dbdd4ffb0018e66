import Domain

/// A key of the configuration, described once: the file, the environment, the options, the manual
/// and `config show` all follow.
public struct Setting: Sendable {
  public enum Kind: Sendable {
    case text
    /// Of at least so many characters.
    case longText(Int)
    /// Within these bounds.
    case integer(ClosedRange<Int>)
    /// Seconds, or a span such as `10s`, `5m`, `7d`.
    case duration
    /// A span, or `off`.
    case threshold
    /// Bytes, or with K, M or G.
    case size
    case choice([String])
    /// With commas, and this word for something that has no address.
    case networks(word: String?)
    /// A file's path.
    case file
    /// The same, or the service manager's credential of the setting's name.
    case credentialFile
  }

  public let key: String
  public let kind: Kind
  /// As it would stand in a file; empty for none.
  public let fallback: String
  /// What stands for its value in help.
  public let value: String
  public let help: String
  /// Hidden wherever it would be shown, and readable from a file: `KEY-file`, or a systemd
  /// credential of its name.
  public let isSecret: Bool
  /// Whether a running server can't take another value.
  public let needsRestart: Bool

  init(
    _ key: String, _ kind: Kind, _ fallback: String, _ value: String, _ help: String,
    isSecret: Bool = false, needsRestart: Bool = false
  ) {
    self.key = key
    self.kind = kind
    self.fallback = fallback
    self.value = value
    self.help = help
    self.isSecret = isSecret
    self.needsRestart = needsRestart
  }

  /// What it is for, and when it takes effect.
  var description: String { needsRestart ? "\(help); needs a restart" : help }

  /// A secret doesn't belong where every process can read it: its option names a file. The
  /// database's address is an exception, which may hold no secret at all.
  var isOptionAFile: Bool { isSecret && !key.hasPrefix("database") }

  var optionName: String { isOptionAFile ? key + "-file" : key }

  var option: Option {
    isOptionAFile
      ? Option(optionName, "FILE", .file, "a file whose first line is: \(help)")
      : Option(key, value, isFile ? .file : .text, help)
  }

  private var isFile: Bool {
    switch kind {
    case .file, .credentialFile: true
    default: false
    }
  }

  /// The value that an option gives.
  func value(ofOption text: String) throws(Failure) -> String {
    isOptionAFile ? try TextFile.firstLine(text) : text
  }

  /// `HAVOCCTL_MAX_BODY`.
  var variable: String {
    "HAVOCCTL_" + String(key.uppercased().map { $0 == "-" ? "_" : $0 })
  }

  static func named(_ key: String) -> Setting? { all.first { $0.key == key } }

  /// What is wrong with a value; nil when nothing is.
  func fault(_ value: String) -> String? {
    switch kind {
    case .text, .file, .credentialFile: nil
    case .longText(let shortest):
      value.count >= shortest ? nil : "at least \(shortest) characters are wanted"
    case .integer(let range):
      Int(value).map(range.contains) == true
        ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted"
    case .duration: Self.duration(value) == nil ? "a span such as 10s, 5m or 7d is wanted" : nil
    case .threshold:
      value == "off" || Self.duration(value) != nil
        ? nil : "a span such as 250ms or 1s, or the word off, is wanted"
    case .size: Self.size(value) == nil ? "a size such as 65536, 512K or 2M is wanted" : nil
    case .networks(let word):
      value.split(separator: ",").map({ String($0).trimmed }).allSatisfy {
        $0.isEmpty || $0 == word || Network($0) != nil
      } ? nil : "networks such as 10.0.0.0/8\(word.map { " and the word \($0)" } ?? "") are wanted"
    case .choice(let choices):
      choices.contains(value) ? nil : "one of \(choices.joined(separator: ", ")) is wanted"
    }
  }

  /// Positive, and a hundred years at the most, as a moment's span is; a bare number is seconds.
  static func duration(_ text: String) -> Duration? {
    let span: Duration
    if text.hasSuffix("ms"), let milliseconds = Int64(text.dropLast(2)) {
      span = .milliseconds(milliseconds)
    } else if let seconds = Int64(text) {
      span = .seconds(seconds)
    } else if case .span(let written, signed: false)? = Moment(text) {
      span = written
    } else {
      return nil
    }
    return span > .zero && span <= Moment.longestSpan ? span : nil
  }

  /// Bytes that a size may name: sums of a few sizes fit too.
  private static let largest = 1 << 50

  static func size(_ text: String) -> Int? {
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let factor = text.last.flatMap { factors[Character($0.uppercased())] }
    guard let count = Int(factor == nil ? text[...] : text.dropLast()), count > 0,
      case (let bytes, let overflow) = count.multipliedReportingOverflow(by: factor ?? 1),
      !overflow, bytes <= largest
    else { return nil }
    return bytes
  }
}
