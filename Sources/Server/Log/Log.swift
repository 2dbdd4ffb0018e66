import EventLoop
import Glibc
import Postgres
import Synchronization

/// Writes one line an event, to standard error or to a file.
///
/// Lines are gathered and written at the end of a loop's turn, so that a request doesn't cost a
/// system call of its own; what is worse than information goes out at once.
public final class Log: Sendable {
  /// What is logged, and how.
  public struct Settings: Sendable {
    public var level = Level.info
    public var isJSON = false
    /// Nil for standard error.
    public var file: String?

    public init() {}
  }

  /// A value of a line.
  public enum Field: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case number(Int64)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .number(value) }
  }

  private struct State: ~Copyable {
    var target: LogTarget
    var pending: [UInt8] = []
  }

  private let state: Mutex<State>
  private let level: Atomic<Int>
  private let isJSON: Atomic<Bool>
  private let hasPriorities: Atomic<Bool>
  private let lost = Atomic<UInt64>(0)
  private let journal: String?
  private let clock = LogClock()

  /// Bytes gathered at the most before they are written.
  private static let bufferSize = 32_768

  /// - Parameters:
  ///   - descriptor: of standard error, where there is no file.
  ///   - journal: JOURNAL_STREAM. The journal takes a priority off each line, and knows the time.
  /// - Throws: where the file can't be opened.
  public init(
    _ settings: Settings = Settings(), descriptor: CInt = STDERR_FILENO, journal: String? = nil
  ) throws(SystemError) {
    let target = try Self.target(settings, descriptor)
    self.journal = journal
    level = Atomic(settings.level.rawValue)
    isJSON = Atomic(settings.isJSON)
    hasPriorities = Atomic(target.isJournal(journal))
    state = Mutex(State(target: target))
  }

  /// Goes on with other settings, and opens the file again: the old one may have another name by now.
  /// - Throws: where it can't be opened; the log goes on as it was then.
  func adopt(_ settings: Settings) throws(SystemError) {
    let target = try Self.target(settings, STDERR_FILENO)
    level.store(settings.level.rawValue, ordering: .relaxed)
    isJSON.store(settings.isJSON, ordering: .relaxed)
    hasPriorities.store(target.isJournal(journal), ordering: .relaxed)
    flush()
    var next: LogTarget? = target
    state.withLock { state in
      guard var target = next.take() else { return }
      target.follow(state.target)
      state.target = target
    }
  }

  private static func target(
    _ settings: Settings, _ descriptor: CInt
  ) throws(SystemError) -> LogTarget {
    guard let file = settings.file else { return LogTarget(descriptor: descriptor) }
    return try LogTarget(file: file)
  }

  /// Lines that could not be written.
  var linesLost: UInt64 { lost.load(ordering: .relaxed) }

  // MARK: Lines

  public func callAsFunction(
    _ level: Level, _ message: String, _ fields: KeyValuePairs<StaticString, Field> = [:]
  ) {
    guard isWanted(level) else { return }
    var line = begin(level)
    line.add("msg", text: message[...])
    for (name, value) in fields { line.add(name, value) }
    gather(&line, isUrgent: level > .info)
  }

  /// The line of one request. There is one for each, so it is put together without looking twice
  /// at what can't need a quote.
  func access(
    id: String, method: String, path: Substring, status: Int, microseconds: UInt64,
    address: String?
  ) {
    guard isWanted(.info) else { return }
    var line = begin(.info)
    line.add("msg", word: "request")
    line.add("id", word: id)
    line.add("method", text: method[...])
    line.add("path", text: path)
    line.add("status", number: Int64(status))
    line.add("us", number: Int64(clamping: microseconds))
    line.add("address", word: address ?? "-")
    gather(&line, isUrgent: false)
  }

  /// A statement that took long. Its text is the program's own, without anybody's values.
  func note(_ statement: Tracing.SlowStatement) {
    let sql = statement.sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    self(
      .warning, "slow query",
      [
        "request": .text(statement.request ?? "-"),
        "us": .number(Int64(clamping: statement.microseconds)),
        "sql": .text(String(sql.prefix(Self.longestStatement))),
      ])
  }

  /// Characters of a statement that are shown.
  private static let longestStatement = 300

  private func isWanted(_ level: Level) -> Bool {
    level.rawValue >= self.level.load(ordering: .relaxed)
  }

  private func begin(_ level: Level) -> LogLine {
    let hasPriority = hasPriorities.load(ordering: .relaxed)
    var line = LogLine(
      isJSON: isJSON.load(ordering: .relaxed), priority: hasPriority ? level.priority : "")
    if !hasPriority { line.addWord("time", clock.write) }
    line.add("level", word: level.name)
    return line
  }

  private func gather(_ line: inout LogLine, isUrgent: Bool) {
    line.end()
    state.withLock { state in
      state.pending.append(contentsOf: line.bytes)
      if isUrgent || state.pending.count > Self.bufferSize { write(&state) }
    }
  }

  /// Writes what was gathered.
  public func flush() {
    state.withLock { state in
      if !state.pending.isEmpty { write(&state) }
    }
  }

  private func write(_ state: inout State) {
    let missing = state.target.write(state.pending) { count in
      var line = begin(.warning)
      line.add("msg", text: "log lines were lost")
      line.add("count", number: Int64(count))
      line.end()
      return line.bytes
    }
    if missing > 0 { lost.wrappingAdd(UInt64(missing), ordering: .relaxed) }
    state.pending.removeAll(keepingCapacity: true)
  }
}
