import Domain
import EventLoop
import Postgres

/// A conversation: commands that are typed, or read from a pipe, one after the other, on one
/// connection and, where they want it, in one transaction.
actor REPL {
  let environment: AdminEnvironment
  private let runner: Runner
  private let parser: CommandLineParser
  let isTyped: Bool

  /// Where lines come from: the last first; a file that is included stands on what included it.
  var sources: [any LineSource]
  var history = History()
  /// The lines that can be had back.
  var remembered: [String] = []
  /// The last command of the registry's, for doing it again.
  var last: (text: String, words: [String])?
  var output: OutputFormat?
  var isExpanded = false
  var tellsTime = false
  /// Where the command under way begins, in a script.
  var place = ""

  var transaction: OpenTransaction?

  struct OpenTransaction {
    let transaction: Transaction
    /// Whether something in it failed, so that it can only be rolled back.
    var hasFailed = false
  }

  /// How a run of lines is over.
  enum Ending: Sendable { case left, committed, rolledBack }

  /// What ends a script.
  struct Stopped: Error {
    let status: ExitStatus
  }

  init(_ invocation: Invocation) {
    let terminal = invocation.environment.terminal
    isTyped = terminal.isInputTerminal && terminal.isOutputTerminal
    sources = [isTyped ? TerminalLines() : InputLines()]
    environment = invocation.environment
    runner = Runner(environment: invocation.environment, actor: invocation.actor)
    parser = CommandLineParser(invocation.environment.registry)
    output = invocation.global.output
    isExpanded = invocation.global.expanded
  }

  /// - Returns: how the program ends: for a script as the command did that stopped it.
  func run() async throws -> ExitStatus {
    Interrupt.install(.conversation)
    defer { Interrupt.install(.shell) }
    if isTyped {
      remembered = history.load()
      LineEditor.begin(
        environment.completer(.conversation), history: remembered, limit: History.limit)
      try DescriptorSink().write(
        Array("havocctl \(environment.version). \\? for help, Ctrl-D to leave.\n".utf8))
    }
    do {
      _ = try await converse()
      return .done
    } catch let stopped as Stopped {
      return stopped.status
    }
  }

  /// Runs lines until somebody leaves, or the transaction that was begun is over.
  func converse() async throws -> Ending {
    while true {
      do {
        guard let command = try nextCommand() else { return .left }
        if let ending = try await perform(command) { return ending }
      } catch let stopped as Stopped {
        throw stopped
      } catch {
        try await fail(error)
      }
    }
  }

  /// Says what went wrong. Somebody who types goes on; a script is over.
  private func fail(_ error: any Error) async throws {
    if error is ReaderGone, isTyped { return }
    if error is ReaderGone { throw error }
    await note(failure: error)
    let report = ErrorReport(in: output)
    let status = report.report(error, at: place.isEmpty ? nil : place)
    Interrupt.clear()
    guard let typed = sources.lastIndex(where: \.isInteractive) else {
      throw Stopped(status: status)
    }
    sources.removeSubrange((typed + 1)...)
    if let lost = error as? PostgresError, lost.isOutage || lost.kind == .cancelled,
      transaction != nil
    {
      throw TransactionLost()
    }
  }

  /// The connection went, and what it had begun with it.
  struct TransactionLost: Error {}

  // MARK: Commands

  /// - Returns: how the lines are over, where this command ended them.
  private func perform(_ command: Command) async throws -> Ending? {
    var words = command.words.all
    if words.first == "havocctl" { words.removeFirst() }
    guard let first = words.first else { return nil }
    if let meta = MetaCommand(first) {
      return try await perform(meta, Array(words.dropFirst()), command.text)
    }
    if first.hasPrefix("\\") {
      throw Failure(
        .usage, "there is no command “\(first)”",
        hint: NearestName.find(first, in: MetaCommand.names).map { "did you mean \($0)?" }
          ?? "\\? lists them")
    }
    last = (command.text, words)
    try await execute(words)
    return nil
  }

  /// - Throws: for a noun that isn't one, with the nearest of those and of the REPL's own.
  private func checkNoun(_ words: [String]) throws(Failure) {
    let names = environment.registry.nouns
    guard let noun = words.first, !noun.hasPrefix("-"), !names.contains(noun) else { return }
    let nearest = NearestName.find(noun, in: names + MetaCommand.names)
    throw Failure(
      .usage, "there is no command “\(noun)”",
      hint: nearest.map { "did you mean \($0)?" } ?? "help and \\? list them")
  }

  /// Runs a command of the registry's.
  /// - Parameter interval: how often it is to be run again.
  func execute(_ words: [String], every interval: GlobalOptions.Interval? = nil) async throws {
    guard transaction?.hasFailed != true else {
      throw Failure(.refused, "the transaction has failed", hint: "rollback ends it")
    }
    try checkNoun(words)
    let command = try parser.parse(words)
    guard let operation = command.operation, !command.global.help else {
      let text = try HelpText.text(
        noun: command.noun, verb: command.operation?.verb, environment.registry)
      return try write(text)
    }
    try check(operation, command)
    var global = command.global
    global.output = global.output ?? output
    global.expanded = global.expanded || isExpanded
    if let interval { global.watch = interval }
    // What happened to the connection meanwhile is noticed before it is used.
    await environment.loop.nextTurn()
    let started = Loop.monotonicNanoseconds()
    defer { tellTime(since: started) }
    let status = try await runner.run(
      operation, command.arguments, global, on: transaction?.transaction ?? environment.database)
    if status != .done, !sources.contains(where: \.isInteractive) {
      throw Failure(status, "\(operation.name) ended with status \(status.rawValue)")
    }
  }

  private func tellTime(since started: UInt64) {
    guard tellsTime else { return }
    let microseconds = (Loop.monotonicNanoseconds() - started) / 1_000
    let fraction = "\(1_000 + microseconds % 1_000)".dropFirst()
    environment.terminal.note("Time: \(microseconds / 1_000).\(fraction) ms")
  }

  private func check(_ operation: Operation, _ command: ParsedCommand) throws(Failure) {
    if let setting = command.settings.keys.min() ?? command.configFile.map({ _ in "config" }) {
      throw Failure(
        .usage, "--\(setting) is fixed for as long as this lasts",
        hint: "leave, and give it to havocctl repl")
    }
    if operation.effect == .converses || operation.noun == ServeOperation.noun {
      throw Failure(.usage, "\(operation.name) is run from the shell only")
    }
    guard transaction != nil else { return }
    if [.administers, .prunes, .follows].contains(operation.effect) {
      throw Failure(
        .usage, "\(operation.name) can't be a part of a transaction",
        hint: "commit or rollback first")
    }
  }

  /// Shows text, by the pager where it is long.
  func write(_ text: String) throws {
    let target = OutputTarget.standard(mayPage: isTyped)
    try target.write(text, try GlobalOptions([:]), environment.terminal)
  }
}
