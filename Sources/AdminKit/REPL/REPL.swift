import Domain
import EventLoop
import Postgres

/// A conversation: commands that are typed, or read from a pipe, one after the other, on one
/// connection and, where they want it, in one transaction.
actor REPL {
  let environment: AdminEnvironment
  private let runner: Runner
  private let parser: CommandLineParser
  private let isTyped: Bool

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
  private var place = ""

  private var transaction: OpenTransaction?

  private struct OpenTransaction {
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
  private func converse() async throws -> Ending {
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
    let report = ErrorReport(asJSON: output == .json || output == .jsonl)
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
  private struct TransactionLost: Error {}

  // MARK: Lines

  private var prompt: String {
    guard let transaction else { return "havocctl=> " }
    return transaction.hasFailed ? "havocctl!=> " : "havocctl*=> "
  }

  /// A command on its way in: its lines, and its words so far.
  private struct Command {
    var text: String
    var words: CommandWords
  }

  /// The next line, with those that it goes on in; nil when there are no more.
  private func nextCommand() throws -> Command? {
    var begun: Command?
    while let source = sources.last {
      switch try next(from: source, prompt: begun == nil ? prompt : "havocctl-> ") {
      case .interrupted: begun = nil
      case .end:
        if let begun, !source.isInteractive {
          throw Failure(.usage, "a quote isn't closed: \(begun.text.prefix(60))")
        }
        if sources.count > 1 {
          sources.removeLast()
        } else {
          if source.isInteractive { try DescriptorSink().write([0x0A]) }
          return nil
        }
      case .text(let text):
        if begun != nil {
          begun?.text += "\n" + text
          begun?.words.goOn(text)
        } else {
          begun = Command(text: text, words: CommandWords(text))
          place = places
        }
        guard let command = begun, command.words.opening == nil || MetaCommand.isRaw(text) else {
          continue
        }
        if source.isInteractive { remember(command) }
        return command
      }
    }
    return nil
  }

  private func next(from source: any LineSource, prompt: String) throws(Failure) -> TypedLine {
    do throws(Failure) {
      return try source.next(prompt: prompt)
    } catch {
      place = places
      throw error
    }
  }

  /// Where the last line came from.
  private var places: String { sources.compactMap(\.place).joined(separator: ": ") }

  private func remember(_ command: Command) {
    let line = command.text
    guard line.contains(where: { !$0.isWhitespace }), line != remembered.last else { return }
    let hadFault = history.fault != nil
    guard history.add(line, isSecret: holdsSecret(command.words.all)) else { return }
    LineEditor.remember(line)
    remembered.append(line)
    if let fault = history.fault, !hadFault { environment.terminal.note("havocctl: \(fault)") }
  }

  /// Whether a line has what nobody should find in a file: the value of a secret setting, or an
  /// address with a password.
  private func holdsSecret(_ words: [String]) -> Bool {
    let options = environment.registry.operations.flatMap(\.options) + Setting.all.map(\.option)
    return words.contains { word in
      if word.contains("://"), word.contains("@") { return true }
      let name = word.lowercased()
      guard ["password", "secret", "passwd"].contains(where: { name.contains($0) }) else {
        return name.hasPrefix("--database")
      }
      // Options that name a file, or none at all, hold nothing; misspelt ones might.
      guard word.hasPrefix("-") else { return name.contains("=") }
      return !options.contains { "--\($0.name)" == word }
    }
  }

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
    Interrupt.clear()
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

  // MARK: Transactions

  /// What ends a transaction without a fault of its own.
  private enum RolledBack: Error { case asked, failed, left }

  /// Runs lines in a transaction until it is over.
  /// - Returns: nil where the lines go on behind it.
  func transact() async throws -> Ending? {
    guard transaction == nil, let database = environment.database else {
      throw Failure(.usage, "a transaction is open already", hint: "commit or rollback ends it")
    }
    defer { transaction = nil }
    do {
      try await database.transaction { transaction in
        switch try await self.converse(in: transaction) {
        case .committed: if await self.hasFailed { throw RolledBack.failed }
        case .rolledBack: throw RolledBack.asked
        case .left: throw RolledBack.left
        }
      }
      return nil
    } catch let ended as RolledBack {
      switch ended {
      case .asked: return nil
      case .failed:
        transaction = nil
        throw Failure(.failed, "the transaction had failed; nothing of it was kept")
      case .left:
        guard isTyped else {
          throw Failure(
            .failed, "the script ended in a transaction; nothing of it was kept",
            hint: "end it with commit")
        }
        environment.terminal.note("the open transaction was rolled back")
        return .left
      }
    } catch is TransactionLost {
      environment.terminal.note("the connection was lost, and the transaction with it")
      return nil
    }
  }

  private func converse(in transaction: Transaction) async throws -> Ending {
    self.transaction = OpenTransaction(transaction: transaction)
    return try await converse()
  }

  private var hasFailed: Bool { transaction?.hasFailed == true }

  /// The ending of the lines since `begin`.
  func end(_ ending: Ending) throws -> Ending {
    guard transaction != nil else {
      throw Failure(.usage, "no transaction is open", hint: "begin opens one")
    }
    return ending
  }

  /// A transaction in which something failed isn't kept; a line that was never run leaves it alone.
  private func note(failure error: any Error) async {
    guard ![.usage, .partly].contains(Failure(error).status), let open = transaction else { return }
    guard !open.hasFailed else { return }
    transaction?.hasFailed = true
    // It can't be kept any more, so nobody needs to wait for its locks.
    _ = try? await open.transaction.query(.once("ROLLBACK"))
  }
}
