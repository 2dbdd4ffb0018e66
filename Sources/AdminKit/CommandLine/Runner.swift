import Domain
import EventLoop
import Glibc
import Postgres

/// Runs one operation: the transaction around it, the question before it, the answer behind it.
public struct Runner: Sendable {
  private let environment: AdminEnvironment
  private let actor: Actor

  public init(environment: AdminEnvironment, actor: Actor) {
    self.environment = environment
    self.actor = actor
  }

  /// What became of a change.
  enum Attempt {
    case done
    /// It was rolled back, since nothing more was wanted.
    case rehearsed
    /// It was rolled back, since somebody must say yes to it first.
    case wantsAnswer(question: String, expected: String)
  }

  /// What ends a rehearsal without a fault.
  private struct Rehearsed: Error {
    let attempt: Attempt
  }

  /// - Parameter database: nil for an operation that stands alone.
  /// - Returns: how the command ends.
  /// - Throws: anything; `Failure(error)` says it.
  public func run(
    _ operation: Operation, _ arguments: Arguments, _ global: GlobalOptions,
    on database: (any Querying)?
  ) async throws -> ExitStatus {
    let report = ErrorReport(in: global.output)
    let interruption =
      operation.effect == .converses
      ? nil : Interrupt.watch(on: environment.loop) { interrupted(report) }
    defer { if let interruption { environment.loop.cancel(interruption) } }
    let arguments = try readLists(arguments, of: operation)
    var password: GivenPassword?
    if operation.password != .none {
      let prompt = PasswordPrompt(terminal: environment.terminal, mayAsk: !global.noInput)
      password = try prompt.password(arguments, operation.password)
    }
    let command = Command(operation, arguments, global, password: password)
    let target = OutputTarget.standard(
      mayPage: ![.follows, .converses].contains(operation.effect))
    if let interval = global.watch { return try await watch(command, every: interval, database) }
    guard operation.effect.isChange else {
      return try await once(command, target, database ?? NoDatabase.shared)
    }
    guard let database else { return .done }
    return try await change(command, target, database)
  }

  /// How long a server has to cancel what runs.
  private static let patience = Duration.seconds(2)
  /// How long a command has to end by itself.
  private static let grace = Duration.seconds(3)

  /// What runs is stopped in the server too, and the command ends by that; one that doesn't is
  /// ended here, or, where there is a prompt to come back to, by giving its connection up.
  private func interrupted(_ report: ErrorReport) {
    environment.database?.cancelRunning()
    let mayEnd = !Interrupt.hasPrompt
    environment.loop.schedule(after: mayEnd ? Self.grace : Self.patience) { [environment] in
      if mayEnd { exit(report.report(Interrupt.failure).rawValue) }
      if Interrupt.isRaised { environment.database?.disconnect() }
    }
  }

  private func once(
    _ command: Command, _ target: OutputTarget, _ database: any Querying
  ) async throws -> ExitStatus {
    let answer = makeAnswer(
      command, target, isHeldBack: command.operation.effect == .prunes)
    do {
      try await command.operation.run(invocation(command, database, answer, target))
      return try await finish(answer)
    } catch {
      await answer.abandon()
      throw error
    }
  }

  /// Runs what reads again and again, until it fails or somebody stops it.
  private func watch(
    _ command: Command, every interval: GlobalOptions.Interval, _ database: (any Querying)?
  ) async throws -> ExitStatus {
    guard command.operation.onlyReads else {
      throw Failure(.usage, "--watch: \(command.operation.name) doesn't only read")
    }
    let output = command.global.output ?? .table
    var screen = WatchedScreen(
      environment.terminal,
      title: "every \(interval.text) s: \(command.operation.name)",
      separates: output == .table)
    while true {
      let sink = CollectingSink()
      _ = try await once(command, .memory(sink), database ?? NoDatabase.shared)
      try screen.show(sink.bytes)
      try await Interrupt.sleep(for: interval.duration, on: environment.loop)
    }
  }

  /// Runs it in a transaction, and asks on the strength of what it did there. To ask while the
  /// transaction is open would hold its locks for as long as somebody thinks, so it is rolled back
  /// and, once answered, run again.
  private func change(
    _ command: Command, _ target: OutputTarget, _ database: any Querying
  ) async throws -> ExitStatus {
    var command = command
    let mayAsk = environment.terminal.isInputTerminal && !command.global.noInput
    while true {
      let answer = makeAnswer(command, target, isHeldBack: true)
      switch try await attempt(command, answer, target, mayAsk: mayAsk, database) {
      case .done: return try await finish(answer)
      case .rehearsed:
        environment.terminal.note("dry run: nothing was changed")
        return try await finish(answer)
      case .wantsAnswer(let question, let expected):
        try Confirmation.ask(question, expected, on: environment.terminal)
        command.global.confirm = await answer.changed
        command.global.yes = true
      }
    }
  }

  /// Runs a change in a transaction, which is rolled back where it is a rehearsal, or where somebody
  /// must be asked.
  /// - Parameters:
  ///   - agreed: rows that somebody has said yes to already.
  ///   - first: what must be so, in the same transaction.
  func attempt(
    _ command: Command, _ answer: Answer, _ target: OutputTarget, mayAsk: Bool,
    _ database: any Querying, agreed: Int? = nil,
    first: (@Sendable (any Querying) async throws -> Void)? = nil
  ) async throws -> Attempt {
    let confirmation = Confirmation(
      operation: command.operation, global: command.global, isAll: command.arguments.flag("all"),
      mayAsk: mayAsk)
    do {
      try await database.transaction { transaction in
        try await first?(transaction)
        try await command.operation.run(invocation(command, transaction, answer, target))
        if command.global.dryRun { throw Rehearsed(attempt: .rehearsed) }
        let changed = await answer.changed
        if let agreed, agreed == changed { return }
        switch confirmation.decide(changed, name: await answer.firstName) {
        case .goAhead: return
        case .refuse(let failure): throw failure
        case .ask(let question, let expected):
          throw Rehearsed(attempt: .wantsAnswer(question: question, expected: expected))
        }
      }
      return .done
    } catch let rehearsed as Rehearsed {
      return rehearsed.attempt
    }
  }

  func finish(_ answer: Answer) async throws -> ExitStatus {
    try await answer.finish()
    if let failure = await answer.failure { throw failure }
    return await answer.status
  }

  func invocation(
    _ command: Command, _ database: any Querying, _ answer: Answer, _ target: OutputTarget
  ) -> Invocation {
    Invocation(
      operation: command.operation, arguments: command.arguments, global: command.global,
      database: database, actor: actor, environment: environment, password: command.password,
      target: target, answer: answer)
  }

  private func makeAnswer(
    _ command: Command, _ target: OutputTarget, isHeldBack: Bool
  ) -> Answer {
    let (global, terminal) = (command.global, environment.terminal)
    return Answer(
      isHeldBack: isHeldBack, chosenColumns: global.columns, wide: global.wide
    ) { columns, shape in
      RenderedOutput(
        columns: columns, shape: shape, global: global, terminal: terminal, target: target)
    }
  }

  /// Puts standard input's lines where `-` stands for them.
  private func readLists(_ arguments: Arguments, of operation: Operation) throws -> Arguments {
    var arguments = arguments
    for argument in operation.arguments where argument.arity == .many || argument.arity == .any {
      guard let words = arguments.words[argument.name], words.contains("-") else { continue }
      guard words == ["-"], !arguments.flag(PasswordOption.stdin.name) else {
        throw Failure(.usage, "“-” stands alone, for a list on standard input")
      }
      var lines: [String] = []
      while let line = try environment.terminal.readLine() {
        if !line.trimmed.isEmpty { lines.append(line.trimmed) }
      }
      arguments.words[argument.name] = lines
    }
    return arguments
  }
}

/// Stands where an operation that needs no database is given one.
struct NoDatabase: Querying {
  static let shared = NoDatabase()

  func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [Rows] {
    throw PostgresError(.unavailable, "this command has no database", retry: .pointless)
  }

  func transaction<Value: Sendable>(
    _ body: @Sendable (Transaction) async throws -> Value
  ) async throws -> Value {
    throw PostgresError(.unavailable, "this command has no database", retry: .pointless)
  }
}
