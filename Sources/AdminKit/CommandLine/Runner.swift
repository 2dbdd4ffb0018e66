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

  /// What ends a rehearsal without a fault.
  private enum Rehearsed: Error {
    case dryRun
    case wantsAnswer(question: String, expected: String)
  }

  /// One command on its way, as often as it is run.
  private struct Run {
    let operation: Operation
    let arguments: Arguments
    var global: GlobalOptions
    let password: GivenPassword?
    let target: OutputTarget
  }

  /// - Parameter database: nil for an operation that stands alone.
  /// - Returns: how the command ends.
  /// - Throws: anything; `Failure(error)` says it.
  public func run(
    _ operation: Operation, _ arguments: Arguments, _ global: GlobalOptions,
    on database: (any Querying)?
  ) async throws -> ExitStatus {
    let interruption =
      operation.effect == .converses ? nil : Interrupt.watch(on: environment.loop, interrupted)
    defer { if let interruption { environment.loop.cancel(interruption) } }
    let arguments = try readLists(arguments, of: operation)
    var password: GivenPassword?
    if operation.password != .none {
      let prompt = PasswordPrompt(terminal: environment.terminal, mayAsk: !global.noInput)
      password = try prompt.password(arguments, operation.password)
    }
    let run = Run(
      operation: operation, arguments: arguments, global: global, password: password,
      target: .standard(mayPage: ![.follows, .converses].contains(operation.effect)))
    if let interval = global.watch { return try await watch(run, every: interval, database) }
    switch operation.effect {
    case .standsAlone, .peeks, .reads, .follows, .converses, .diagnoses, .inspects, .administers,
      .prunes:
      return try await once(run, database ?? NoDatabase.shared)
    case .adds, .changes, .destroys:
      guard let database else { return .done }
      return try await change(run, database)
    }
  }

  /// How long a server has to cancel what runs.
  private static let patience = Duration.seconds(2)
  /// How long a command has to end by itself.
  private static let grace = Duration.milliseconds(500)

  /// What runs is stopped in the server too, and the command ends by that; one that doesn't is
  /// ended here, or, where there is a prompt to come back to, by giving its connection up.
  private func interrupted() {
    environment.database?.cancelRunning()
    let mayEnd = !Interrupt.hasPrompt
    environment.loop.schedule(after: mayEnd ? Self.grace : Self.patience) { [environment] in
      if mayEnd { exit(ExitStatus.interrupted.rawValue) }
      if Interrupt.isRaised { environment.database?.disconnect() }
    }
  }

  private func once(_ run: Run, _ database: any Querying) async throws -> ExitStatus {
    let answer = makeAnswer(run, isHeldBack: run.operation.effect == .prunes)
    do {
      try await run.operation.run(invocation(run, database, answer))
      return try await finish(answer)
    } catch {
      await answer.abandon()
      throw error
    }
  }

  /// Runs what reads again and again, until it fails or somebody stops it.
  private func watch(
    _ run: Run, every interval: GlobalOptions.Interval, _ database: (any Querying)?
  ) async throws -> ExitStatus {
    guard run.operation.onlyReads else {
      throw Failure(.usage, "--watch: \(run.operation.name) doesn't only read")
    }
    let output = run.global.output ?? .table
    var screen = WatchedScreen(
      environment.terminal,
      title: "every \(interval.text) s: \(run.operation.name)",
      separates: output == .table)
    while true {
      let sink = CollectingSink()
      _ = try await once(
        Run(
          operation: run.operation, arguments: run.arguments, global: run.global, password: nil,
          target: .memory(sink)), database ?? NoDatabase.shared)
      try screen.show(sink.bytes)
      try await Interrupt.sleep(for: interval.duration, on: environment.loop)
    }
  }

  /// Runs it in a transaction, and asks on the strength of what it did there. To ask while the
  /// transaction is open would hold its locks for as long as somebody thinks, so it is rolled back
  /// and, once answered, run again.
  private func change(_ run: Run, _ database: any Querying) async throws -> ExitStatus {
    var run = run
    while true {
      let answer = makeAnswer(run, isHeldBack: true)
      let confirmation = Confirmation(
        operation: run.operation, global: run.global, isAll: run.arguments.flag("all"),
        mayAsk: environment.terminal.isInputTerminal && !run.global.noInput)
      let rehearsal = run
      do {
        try await database.transaction { transaction in
          try await rehearsal.operation.run(invocation(rehearsal, transaction, answer))
          if rehearsal.global.dryRun { throw Rehearsed.dryRun }
          switch confirmation.decide(await answer.changed, name: await answer.firstName) {
          case .goAhead: return
          case .refuse(let failure): throw failure
          case .ask(let question, let expected):
            throw Rehearsed.wantsAnswer(question: question, expected: expected)
          }
        }
        return try await finish(answer)
      } catch let rehearsed as Rehearsed {
        switch rehearsed {
        case .dryRun:
          environment.terminal.note("dry run: nothing was changed")
          return try await finish(answer)
        case .wantsAnswer(let question, let expected):
          let typed = try environment.terminal.ask(question)
          guard Confirmation.accepts(typed, expected) else {
            throw Failure.declined
          }
          run.global.confirm = await answer.changed
          run.global.yes = true
        }
      }
    }
  }

  private func finish(_ answer: Answer) async throws -> ExitStatus {
    try await answer.finish()
    if let failure = await answer.failure { throw failure }
    return await answer.status
  }

  private func invocation(
    _ run: Run, _ database: any Querying, _ answer: Answer
  ) -> Invocation {
    Invocation(
      operation: run.operation, arguments: run.arguments, global: run.global, database: database,
      actor: actor, environment: environment, password: run.password, target: run.target,
      answer: answer)
  }

  private func makeAnswer(_ run: Run, isHeldBack: Bool) -> Answer {
    let (global, terminal, target) = (run.global, environment.terminal, run.target)
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
