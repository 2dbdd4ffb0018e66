import Domain
import Postgres
import Synchronization

/// What an operation answered, for a reader in this program.
public struct CollectedAnswer: Sendable {
  /// Those that are shown.
  public internal(set) var columns: [Column] = []
  /// In the columns' order.
  public internal(set) var rows: [[Value]] = []
  /// What each row of a part of a list is told by.
  public internal(set) var cursors: [ListPage.Cursor] = []
  public internal(set) var isList = false
  /// Rows that were changed, or would be.
  public internal(set) var changed = 0
  /// What it couldn't do, or how it ended where its answer says why.
  public internal(set) var failure: Failure?
  public internal(set) var status = ExitStatus.done
  /// Whether nothing was done yet: somebody must confirm the number of rows first.
  public internal(set) var wantsConfirmation = false

  public init() {}

  /// A list that is there already.
  public init(list columns: [Column], _ rows: [[Value]]) {
    self.columns = columns
    self.rows = rows
    isList = true
  }

  /// Without its last row.
  public mutating func dropLast() {
    rows.removeLast()
    if !cursors.isEmpty { cursors.removeLast() }
  }

  /// The other way round.
  public mutating func reverse() {
    rows.reverse()
    cursors.reverse()
  }
}

extension Runner {
  /// Runs an operation and keeps its answer. Nobody is asked: what isn't agreed to isn't done.
  /// - Parameters:
  ///   - agreed: rows that somebody has said yes to.
  ///   - first: what must be so, in the change's own transaction.
  /// - Throws: anything; `Failure(error)` says it.
  public func collect(
    _ command: Command, on database: any Querying, agreed: Int? = nil,
    first: (@Sendable (any Querying) async throws -> Void)? = nil
  ) async throws -> CollectedAnswer {
    let output = CollectedOutput()
    let answer = Answer(
      isHeldBack: false, chosenColumns: command.global.columns, wide: command.global.wide
    ) { columns, shape in
      output.isList(shape == .many, columns)
      return output
    }
    let target = OutputTarget.memory(CollectingSink())
    var wantsConfirmation = false
    if command.operation.effect.isChange {
      let attempt = try await attempt(
        command, answer, target, mayAsk: true, database, agreed: agreed, first: first)
      if case .wantsAnswer = attempt { wantsConfirmation = true }
    } else {
      try await command.operation.run(invocation(command, database, answer, target))
    }
    try await answer.finish()
    var collected = output.collected
    collected.wantsConfirmation = wantsConfirmation
    collected.changed = await answer.changed
    collected.failure = await answer.failure
    collected.status = await answer.status
    return collected
  }
}

/// Keeps rows in memory.
private final class CollectedOutput: AnswerOutput, Sendable {
  private let state = Mutex((answer: CollectedAnswer(), shown: 0))

  var collected: CollectedAnswer { state.withLock { $0.answer } }

  func isList(_ isList: Bool, _ columns: [Column]) {
    state.withLock {
      // A hidden one may also be asked for by its name; those of the cursor stand at the end.
      $0.answer = CollectedAnswer()
      $0.answer.isList = isList
      $0.answer.columns = columns.filter { !$0.isCursor }
      $0.shown = $0.answer.columns.count
    }
  }

  func begin() {}

  func row(_ values: [Value]) {
    state.withLock { state in
      state.answer.rows.append(Array(values.prefix(state.shown)))
      state.answer.cursors.append(
        values.dropFirst(state.shown).map { value in
          if case .text(let text) = value { text } else { nil }
        })
    }
  }

  func flush() {}
  func end() {}
  func abandon() {}
}
