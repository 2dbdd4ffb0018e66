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
    /// Bytes, or with K, M or G.
    case size
    case choice([String])
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

  init(
    _ key: String, _ kind: Kind, _ fallback: String, _ value: String, _ help: String,
    isSecret: Bool = false
  ) {
    self.key = key
    self.kind = kind
    self.fallback = fallback
    self.value = value
    self.help = help
    self.isSecret = isSecret
  }

  /// A secret doesn't belong where every process can read it: its option names a file. The
  /// database's address is an exception, which may hold no secret at all.
  var isOptionAFile: Bool { isSecret && key != "database" }

  var optionName: String { isOptionAFile ? key + "-file" : key }

  var option: Option {
    isOptionAFile
      ? Option(optionName, "FILE", .file, "a file whose first line is: \(help)")
      : Option(key, value, .text, help)
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
    case .text: nil
    case .longText(let shortest):
      value.count >= shortest ? nil : "at least \(shortest) characters are wanted"
    case .integer(let range):
      Int(value).map(range.contains) == true
        ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted"
    case .duration: Self.duration(value) == nil ? "a span such as 10s, 5m or 7d is wanted" : nil
    case .size: Self.size(value) == nil ? "a size such as 65536, 512K or 2M is wanted" : nil
    case .choice(let choices):
      choices.contains(value) ? nil : "one of \(choices.joined(separator: ", ")) is wanted"
    }
  }

  /// Positive; a bare number is seconds.
  static func duration(_ text: String) -> Duration? {
    if let seconds = Int64(text), seconds > 0 { return .seconds(seconds) }
    guard case .span(let span, signed: false)? = Moment(text), span > .zero else { return nil }
    return span
  }

  static func size(_ text: String) -> Int? {
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let factor = text.last.flatMap { factors[Character($0.uppercased())] }
    guard let count = Int(factor == nil ? text[...] : text.dropLast()), count > 0,
      case (let bytes, let overflow) = count.multipliedReportingOverflow(by: factor ?? 1), !overflow
    else { return nil }
    return bytes
  }
}
