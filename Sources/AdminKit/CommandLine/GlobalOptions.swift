import Domain

/// The options that every command takes, wherever they stand.
public struct GlobalOptions: Sendable {
  public var output: OutputFormat?
  public var columns: [String]?
  public var sort: [String] = []
  public var limit: Int?
  public var filters: [Filter] = []
  public var wide = false
  public var expanded = false
  public var noPager = false
  /// How often a command that reads is run again.
  public var watch: Interval?
  public var color = "auto"
  public var yes = false
  public var confirm: Int?
  public var dryRun = false
  public var noInput = false
  public var help = false
  /// What rows are found by.
  public var search: String?
  /// Which part of a list is wanted, and whether only its number of rows is: for who shows lists in
  /// parts.
  public var page: ListPage?
  public var onlyCounts = false

  public init() {}

  /// Their descriptions.
  public static let options: [Option] = [
    Option(
      "output", "FORMAT", .choice(OutputFormat.allCases.map(\.rawValue)),
      "how the answer is written", short: "o"),
    Option("columns", "NAMES", .text, "which columns, separated by commas"),
    Option("sort", "NAMES", .text, "order by these columns; a minus before one turns it around"),
    Option("limit", "COUNT", .integer, "rows at the most"),
    Option(
      "where", "KEY=VALUE", .text, "only rows for which it holds; also != < > and ~ (matches)",
      isRepeatable: true),
    Option(
      "search", "TEXT", .text, "only rows that are found by it, such as by a name's beginning"),
    Option("wide", nil, .text, "all columns, and nothing cut to the terminal's width"),
    Option("expanded", nil, .text, "each row as a block, a line for each value", short: "x"),
    Option("watch", "SECONDS", .text, "show it again and again, until Ctrl-C"),
    Option("no-pager", nil, .text, "never hand a long answer to a pager"),
    Option("color", "WHEN", .choice(["auto", "always", "never"]), "colours on a terminal"),
    Option("yes", nil, .text, "answer yes to the question for one row", short: "y"),
    Option("confirm", "COUNT", .integer, "answer the question for so many rows"),
    Option("dry-run", nil, .text, "say what would change and change nothing"),
    Option("no-input", nil, .text, "never ask; refuse instead"),
    Option("config", "FILE", .file, "the configuration to read"),
    Option("help", nil, .text, "what the command does", short: "h"),
  ]

  /// - Parameter options: checked already as their descriptions say.
  init(_ options: [String: [String]]) throws(Failure) {
    func list(_ name: String) throws(Failure) -> [String]? {
      guard let names = options[name]?.last?.split(separator: ",").map(String.init) else {
        return nil
      }
      guard !names.isEmpty else {
        throw Failure(.usage, "--\(name): it names no column", hint: "such as --\(name) id")
      }
      return names
    }
    output = options["output"]?.last.flatMap(OutputFormat.init)
    columns = try list("columns")
    sort = try list("sort") ?? []
    limit = options["limit"]?.last.flatMap { Int($0) }
    if let limit, limit < 0 { throw Failure(.usage, "--limit: a count isn't negative") }
    for text in options["where"] ?? [] {
      guard let filter = Filter(text) else {
        throw Failure(
          .usage, "--where: “\(text)” isn't KEY=VALUE", hint: "such as --where 'level=ADMIN'")
      }
      filters.append(filter)
    }
    search = options["search"]?.last
    wide = options["wide"] != nil
    expanded = options["expanded"] != nil
    noPager = options["no-pager"] != nil
    if let seconds = options["watch"]?.last { watch = try Self.interval(seconds) }
    color = options["color"]?.last ?? "auto"
    yes = options["yes"] != nil
    confirm = options["confirm"]?.last.flatMap { Int($0) }
    dryRun = options["dry-run"] != nil
    noInput = options["no-input"] != nil
    help = options["help"] != nil
  }

  /// How long to wait, and how that was written.
  public struct Interval: Sendable {
    let text: String
    let duration: Duration
  }

  /// - Parameter text: seconds, which may have a fraction.
  static func interval(_ text: String) throws(Failure) -> Interval {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard isPlain, let seconds = Double(text), (0.1...86_400).contains(seconds) else {
      throw Failure(
        .usage, "“\(text)” isn't an interval", hint: "seconds from 0.1 to 86400, such as 2 or 0.5")
    }
    return Interval(text: text, duration: .seconds(seconds))
  }
}
