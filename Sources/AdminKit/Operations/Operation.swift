import Domain

/// Something an administrator can do, described once: the command line, its help, the manual and
/// the completions all come from here.
public struct Operation: Sendable {
  /// What it does to the database, and so how it is run and what is asked first.
  public enum Effect: Sendable {
    /// It doesn't touch the database.
    case standsAlone
    case reads
    /// It reads where the database runs, and does without where it doesn't.
    case peeks
    /// It reads, and goes on showing what comes until somebody stops it.
    case follows
    /// It makes something new.
    case adds
    /// It changes what is there: asks when more than one row is concerned.
    case changes
    /// It takes something away, or gives it back: always asks.
    case destroys
    /// It takes away, batch by batch, what nobody can use any more: asks once.
    case prunes
    /// Somebody talks to it, and what they say does all of these.
    case converses
    /// It reads the database, whatever state the schema is in.
    case inspects
    /// It looks at what may be broken, the database too.
    case diagnoses
    /// It works on the database in its own way, whatever state the schema is in.
    case administers

    /// Whether it runs in a transaction that may be rolled back.
    var isChange: Bool { [.adds, .changes, .destroys].contains(self) }
  }

  public let noun: String
  /// Nil for a noun that is a command by itself.
  public let verb: String?
  /// One line without a full stop.
  public let summary: String
  /// Paragraphs for the manual.
  public let details: String
  /// The same, of what concerns the command line alone.
  let lineDetails: String

  /// Both, for the command line.
  var allDetails: String {
    [details, lineDetails].filter { !$0.isEmpty }.joined(separator: " ")
  }
  public let arguments: [Argument]
  public let options: [Option]
  /// The columns of its answer.
  public let columns: [Column]
  public let effect: Effect
  /// Words of its own and what each means, for its help.
  public let words: [(word: String, meaning: String)]
  /// Whole command lines.
  public let examples: [String]
  /// Whether a password is asked for, or taken from an option.
  public let password: PasswordNeed
  /// Whether it is for scripts, or for those only who have the machine itself; nowhere else is it
  /// offered.
  public let isCommandLineOnly: Bool
  public let run: @Sendable (Invocation) async throws -> Void

  public enum PasswordNeed: Sendable { case none, optional, required }

  public init(
    _ noun: String, _ verb: String?, _ summary: String, details: String = "",
    lineDetails: String = "", arguments: [Argument] = [], options: [Option] = [],
    columns: [Column] = [],
    effect: Effect, password: PasswordNeed = .none, isCommandLineOnly: Bool = false,
    words: [(word: String, meaning: String)] = [],
    examples: [String] = [],
    run: @escaping @Sendable (Invocation) async throws -> Void
  ) {
    self.noun = noun
    self.verb = verb
    self.summary = summary
    self.details = details
    self.lineDetails = lineDetails
    self.arguments = arguments
    let takesLists = arguments.contains { argument in
      guard case .live = argument.kind else { return false }
      return argument.arity == .many || argument.arity == .any
    }
    self.options =
      options + PasswordOption.options(for: password) + (takesLists ? [.continueOnError] : [])
    self.columns = columns
    self.effect = effect
    self.password = password
    self.isCommandLineOnly = isCommandLineOnly
    self.words = words
    self.examples = examples
    self.run = run
  }

  /// The argument that a word is for.
  /// - Parameter index: how many words stand before it.
  func argument(at index: Int) -> Argument? {
    if index < arguments.count { return arguments[index] }
    guard let last = arguments.last, last.arity == .many || last.arity == .any else { return nil }
    return last
  }

  /// Whether running it again and again changes nothing.
  var onlyReads: Bool {
    switch effect {
    case .standsAlone: noun != ServeOperation.noun
    case .reads, .peeks, .inspects, .diagnoses: true
    case .adds, .changes, .destroys, .prunes, .follows, .converses, .administers: false
    }
  }

  /// `user create`.
  public var name: String { verb.map { "\(noun) \($0)" } ?? noun }

  /// `user create USERNAME [options]`.
  public var usage: String {
    ([name] + arguments.map(\.usage) + (options.isEmpty ? [] : ["[options]"]))
      .joined(separator: " ")
  }
}

/// What an argument or an option's value is, for checking it before anything happens and for
/// completing it.
public enum ValueKind: Sendable, Equatable {
  case text
  /// A text of several lines, maybe.
  case prose
  case integer
  /// RFC 3339, a date, or a span that looks back or ahead unless it has a sign.
  case moment(Moment.Direction)
  case choice([String])
  case file
  /// What something in the database is called.
  case live(LiveNames)
  case noun
  /// A verb of the noun before it.
  case verb
  /// What a server is asked, such as `user_admin/create_user`.
  case endpoint

  public static let user = ValueKind.live(.user)
  public static let permission = ValueKind.live(.permission)
  public static let session = ValueKind.live(.session)
  public static let token = ValueKind.live(.token)
  public static let exercise = ValueKind.live(.exercise)
  public static let group = ValueKind.live(.group)
}

/// A word without dashes.
public struct Argument: Sendable {
  public enum Arity: Sendable {
    case one
    case optional
    /// One or more; `-` reads them from standard input, one a line.
    case many
    /// None or more; `-` reads them from standard input, one a line.
    case any
  }

  public let name: String
  public let kind: ValueKind
  public let arity: Arity
  public let help: String

  public init(_ name: String, _ kind: ValueKind, _ arity: Arity, _ help: String) {
    self.name = name
    self.kind = kind
    self.arity = arity
    self.help = help
  }

  public init(_ name: String, _ kind: ValueKind, _ help: String) {
    self.init(name, kind, .one, help)
  }

  public var usage: String {
    switch arity {
    case .one: name
    case .optional: "[\(name)]"
    case .many: "\(name)…"
    case .any: "[\(name)…]"
    }
  }
}

/// A word with dashes.
public struct Option: Sendable {
  public let name: String
  /// What stands for its value in help; nil for a switch.
  public let value: String?
  public let kind: ValueKind
  public let help: String
  public let isRepeatable: Bool
  /// One letter, for the few that are typed all day.
  public let short: Character?
  /// Whether it makes no sense but in a script.
  public let isCommandLineOnly: Bool

  public init(
    _ name: String, _ value: String? = nil, _ kind: ValueKind = .text, _ help: String,
    isRepeatable: Bool = false, short: Character? = nil, isCommandLineOnly: Bool = false
  ) {
    self.name = name
    self.value = value
    self.kind = kind
    self.help = help
    self.isRepeatable = isRepeatable
    self.short = short
    self.isCommandLineOnly = isCommandLineOnly
  }

  public var usage: String {
    let long = value.map { "--\(name) \($0)" } ?? "--\(name)"
    return short.map { "-\($0), \(long)" } ?? long
  }
}

extension Option {
  static let continueOnError = Option(
    "continue-on-error", nil, .text, "take what is sound and leave the rest",
    isCommandLineOnly: true)
}
