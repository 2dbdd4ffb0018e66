/// What the REPL itself does, described once: for reading it, for help and for TAB.
enum MetaCommand: String, CaseIterable {
  case help = "\\?"
  case commandHelp = "\\h"
  case output = "\\o"
  case expanded = "\\x"
  case timing = "\\timing"
  case watch = "\\watch"
  case include = "\\i"
  case edit = "\\e"
  case shell = "\\!"
  case history = "\\history"
  case quit = "\\q"
  case begin, commit, rollback

  /// Other names for the same.
  private static let synonyms: [String: MetaCommand] = [
    "quit": .quit, "exit": .quit,
  ]

  init?(_ word: String) {
    // Its command may follow without a blank.
    if word.hasPrefix(Self.shell.rawValue) {
      self = .shell
      return
    }
    guard let found = Self(rawValue: word) ?? Self.synonyms[word] else { return nil }
    self = found
  }

  /// Whether a line's rest belongs to somebody else, who reads quotes in their own way.
  static func isRaw(_ line: String) -> Bool {
    line.drop { $0.isWhitespace }.hasPrefix(shell.rawValue)
  }

  /// Words behind it.
  var mostWords: Int {
    switch self {
    case .shell: .max
    case .commandHelp: 2
    case .output, .watch, .include: 1
    default: 0
    }
  }

  static var names: [String] { allCases.map(\.rawValue) + synonyms.keys }

  var usage: String {
    switch self {
    case .commandHelp: "\\h [NOUN [VERB]]"
    case .output: "\\o [FORMAT]"
    case .watch: "\\watch [SECONDS]"
    case .include: "\\i FILE"
    case .shell: "\\! [COMMAND]"
    default: rawValue
    }
  }

  var summary: String {
    switch self {
    case .help: "list these"
    case .commandHelp: "say what a command does, as help"
    case .output: "write answers as table, plain, json, jsonl, csv, yaml or name from here on"
    case .expanded: "show each row as a block of lines, or stop doing so"
    case .timing: "tell how long each command took, or stop doing so"
    case .watch: "run the last command again and again, until Ctrl-C"
    case .include: "run the commands of a file"
    case .edit: "edit the last command in $VISUAL or $EDITOR and run it"
    case .shell: "run a command of the shell"
    case .history: "list the lines that TAB and the arrow keys know"
    case .quit: "leave; Ctrl-D does too"
    case .begin: "begin a transaction: what follows holds when it is committed"
    case .commit: "make what was done since begin hold"
    case .rollback: "undo what was done since begin"
    }
  }

  static var helpText: String {
    """
    NOUN VERB [ARGUMENT…] [--option…]   as on the shell; help lists the nouns

    \(Help.columns(allCases.map { ($0.usage, $0.summary) }))
    A word with blanks stands in quotes; # begins a comment; a quote that is open goes on in the
    next line. Ctrl-C drops the line, or stops the command that runs. A line that begins with a
    blank, or that holds a secret, isn't remembered.

    """
  }
}
