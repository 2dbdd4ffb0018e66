import Domain
import Postgres

@testable import AdminKit

/// The REPL's lines: split into words, parsed as a command, and written as a line again, which must
/// mean the same. Each word is read as a moment and a filter too, since that is what words become.
enum CommandLineTarget {
  private static let parser = CommandLineParser(.all)

  static func check(_ bytes: UnsafeRawBufferPointer) {
    let source = FileLines("input", Array(bytes))
    var words: CommandWords?
    while case .text(let line)? = try? source.next(prompt: "") {
      if words?.opening == nil {
        if let words { check(words.all) }
        words = CommandWords(line)
      } else {
        words?.goOn(line)
      }
    }
    if let words, words.opening == nil { check(words.all) }
    // As a shell hands them over, which has split them in its own way.
    check(bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) })
  }

  private static func check(_ words: [String]) {
    for word in words { check(word: word) }
    if let first = words.first, let meta = MetaCommand(first) { _ = meta.usage }
    let parsed: ParsedCommand
    do throws(Failure) {
      parsed = try parser.parse(words)
    } catch {
      require(error.status == .usage && !error.message.isEmpty, "\(error)")
      return
    }
    guard let operation = parsed.operation, !parsed.global.help else { return }
    let line = Command(operation, parsed.arguments, parsed.global).line
    let again = CommandWords(line)
    require(again.opening == nil, "“\(line)” is open at its end")
    guard let repeated = try? parser.parse(Array(again.all.dropFirst())) else {
      fatalError("“\(line)” isn't a command")
    }
    require(repeated.operation?.name == operation.name, "“\(line)” is another command")
    require(
      exact(repeated.arguments.words) == exact(parsed.arguments.words),
      "“\(line)” has other arguments")
    for option in operation.options {
      require(
        exact(repeated.arguments.values(option.name))
          == exact(parsed.arguments.values(option.name)),
        "“\(line)” has another --\(option.name)")
    }
    compare(repeated.global, parsed.global, line)
  }

  private static func compare(_ a: GlobalOptions, _ b: GlobalOptions, _ line: String) {
    require(a.filters.map(text).elementsEqual(b.filters.map(text)), "“\(line)”: --where")
    require(a.search == b.search, "“\(line)”: --search")
    require(a.columns.map(exact) == b.columns.map(exact), "“\(line)”: --columns")
    require(exact(a.sort) == exact(b.sort), "“\(line)”: --sort")
    require(a.limit == b.limit && a.confirm == b.confirm, "“\(line)”: a count")
    require(a.wide == b.wide && a.yes == b.yes, "“\(line)”: a switch")
  }

  /// Swift takes different spellings of one text for equal.
  private static func exact(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
  private static func exact(_ words: [String: [String]]) -> [String: [[UInt8]]] {
    words.filter { !$0.value.isEmpty }.mapValues { exact($0) }
  }
  private static func text(_ filter: Filter) -> [UInt8] {
    Array("\(filter.key)\(filter.comparison.rawValue)\(filter.value)".utf8)
  }

  private static func check(word: String) {
    for style: Character? in [nil, "'", "\""] {
      let line = "x " + CommandWords.quoted(word, style: style)
      // A backslash before a line's end goes on in the next line.
      guard style != nil || !word.utf8.contains(0x0A) else { continue }
      let read = CommandWords(line)
      require(
        exact(read.all) == exact(["x", word]) && read.opening == nil, "“\(line)” isn't “\(word)”")
    }
    if let filter = Filter(word) { require(text(filter) == Array(word.utf8), "a filter's text") }
    _ = Network(word)
    _ = try? GlobalOptions.interval(word)
    _ = Setting.duration(word)
    _ = Setting.size(word)
    guard let moment = Moment(word) else { return }
    let now = Timestamp(seconds: 1_800_000_000)
    for direction in [Moment.Direction.past, .future] {
      let time = moment.resolved(direction, now: now)
      if case .at = moment {
        require(Timestamp(rfc3339: time.rfc3339) == time, "“\(word)” is \(time.rfc3339)")
      }
    }
  }
}
