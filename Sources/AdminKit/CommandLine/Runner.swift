import Domain
import EventLoop
import Postgres

/// Runs one operation: the transaction around it, the question before it, the answer behind it.
public struct Runner: Sendable {
  private let environment: AdminEnvironment
  private let actor: Actor
  private let render: @Sendable (GlobalOptions, [Column], Shape) -> RenderedOutput

  public init(environment: AdminEnvironment, actor: Actor) {
    self.environment = environment
    self.actor = actor
    let terminal = environment.terminal
    render = { global, columns, shape in
      RenderedOutput(columns: columns, shape: shape, global: global, terminal: terminal)
    }
  }

  /// What ends a rehearsal without a fault.
  private enum Rehearsed: Error {
    case dryRun
    case wantsAnswer(question: String, expected: String)
  }

  /// - Parameter database: nil for an operation that stands alone.
  /// - Returns: how the command ends.
  /// - Throws: anything; `Failure(error)` says it.
  public func run(
    _ operation: Operation, _ arguments: Arguments, _ global: GlobalOptions,
    on database: Database?
  ) async throws -> ExitStatus {
    let arguments = try readLists(arguments, of: operation)
    var password: GivenPassword?
    if operation.password != .none {
      let prompt = PasswordPrompt(terminal: environment.terminal, mayAsk: !global.noInput)
      password = try prompt.password(arguments, operation.password)
    }
    switch operation.effect {
    case .standsAlone, .reads, .administers, .prunes:
      let answer = makeAnswer(operation, global, isHeldBack: operation.effect == .prunes)
      try await operation.run(
        Invocation(
          operation: operation, arguments: arguments, global: global,
          database: database ?? NoDatabase.shared, actor: actor, environment: environment,
          password: password, answer: answer))
      try await answer.finish()
      return await answer.status
    case .adds, .changes, .destroys:
      guard let database else { return .done }
      return try await change(operation, arguments, global, password, database)
    }
  }

  /// Runs it in a transaction, and asks on the strength of what it did there. To ask while the
  /// transaction is open would hold its locks for as long as somebody thinks, so it is rolled back
  /// and, once answered, run again.
  private func change(
    _ operation: Operation, _ arguments: Arguments, _ global: GlobalOptions,
    _ password: GivenPassword?, _ database: Database
  ) async throws -> ExitStatus {
    var global = global
    while true {
      let answer = makeAnswer(operation, global, isHeldBack: true)
      let confirmation = Confirmation(
        operation: operation, global: global, isAll: arguments.flag("all"),
        mayAsk: environment.terminal.isInputTerminal && !global.noInput)
      let isDryRun = global.dryRun
      let options = global
      do {
        try await database.transaction { transaction in
          try await operation.run(
            Invocation(
              operation: operation, arguments: arguments, global: options, database: transaction,
              actor: actor, environment: environment, password: password, answer: answer))
          if isDryRun { throw Rehearsed.dryRun }
          switch confirmation.decide(await answer.changed, name: await answer.firstName) {
          case .goAhead: return
          case .refuse(let failure): throw failure
          case .ask(let question, let expected):
            throw Rehearsed.wantsAnswer(question: question, expected: expected)
          }
        }
        try await answer.finish()
        return await answer.status
      } catch let rehearsed as Rehearsed {
        switch rehearsed {
        case .dryRun:
          try await answer.finish()
          environment.terminal.note("dry run: nothing was changed")
          return await answer.status
        case .wantsAnswer(let question, let expected):
          let typed = environment.terminal.ask(question)
          guard Confirmation.accepts(typed, expected) else {
            throw Failure(.refused, "not confirmed; nothing was changed")
          }
          global.confirm = await answer.changed
          global.yes = true
        }
      }
    }
  }

  private func makeAnswer(
    _ operation: Operation, _ global: GlobalOptions, isHeldBack: Bool
  ) -> Answer {
    let render = self.render
    return Answer(
      isHeldBack: isHeldBack, chosenColumns: global.columns, wide: global.wide,
      render: { render(global, $0, $1) })
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
      while let line = environment.terminal.readLine() {
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
