/// Decides what each answer of a pipelined connection means; it knows nothing of sockets.
///
/// A *unit* is what stands before one Sync: one statement, or several that succeed or fail together
/// as an implicit transaction. Units are answered in the order in which they were sent. Inside a
/// unit each *step* (preparing or executing a statement) is answered by a result and an end; after
/// a failed step the server skips the unit's others up to the Sync, which begins the next unit
/// unharmed (PostgreSQL manual, "Pipeline Mode").
struct PipelineState {
  /// What a step does, and so what its failure undoes.
  enum Step: Equatable {
    /// Prepares the statement of this number.
    case prepare(Int)
    case execute
  }

  /// What arrives from the connection.
  enum Event: Equatable {
    /// A step succeeded; the rows, if any, come with it.
    case result
    case failure
    /// A step was skipped because an earlier one of its unit failed.
    case skipped
    /// The step's answer is over.
    case end
    case sync
  }

  /// What the connection does about it. "The first unit" is the oldest in flight.
  enum Action: Equatable {
    case nothing
    /// Keep this result for the first unit.
    case keepResult
    /// Keep this error for the first unit.
    case keepFailure
    /// The statement isn't prepared after all.
    case forget(Int)
    /// The first unit is answered: hand over its results, or its error when one was kept.
    case finish
    /// The server spoke out of turn; nothing that follows can be trusted.
    case violation
  }

  private struct Unit {
    var steps: [Step]
    var current = 0
    /// Whether the current step has had its result and waits for its end.
    var isAnswered = false
  }

  /// How many units may wait for their answer.
  let limit: Int
  private var units = RingQueue<Unit>()

  init(limit: Int) { self.limit = limit }

  var inFlight: Int { units.count }
  var isFull: Bool { units.count >= limit }

  /// Notes that a unit has been sent.
  mutating func sent(_ steps: [Step]) {
    units.append(Unit(steps: steps))
  }

  mutating func receive(_ event: Event) -> Action {
    guard var unit = units.first else { return .violation }
    if event == .sync {
      guard unit.current == unit.steps.count else { return .violation }
      units.removeFirst()
      return .finish
    }
    guard unit.current < unit.steps.count else { return .violation }
    let step = unit.steps[unit.current]
    var action = Action.nothing
    switch event {
    case .end:
      guard unit.isAnswered else { return .violation }
      unit.current += 1
      unit.isAnswered = false
    case .result:
      unit.isAnswered = true
      action = step == .execute ? .keepResult : .nothing
    case .failure:
      unit.isAnswered = true
      action = .keepFailure
    case .skipped:
      unit.isAnswered = true
      if case .prepare(let number) = step { action = .forget(number) }
    case .sync:
      return .violation
    }
    units.first = unit
    return action
  }

  /// The statement that the first unit's current step would have prepared, where that is what it
  /// does.
  var statementBeingPrepared: Int? {
    guard let unit = units.first, unit.current < unit.steps.count,
      case .prepare(let number) = unit.steps[unit.current]
    else { return nil }
    return number
  }

  /// The connection is gone: nothing in flight will be answered.
  /// - Returns: how many units were.
  mutating func disconnect() -> Int {
    defer { units = RingQueue() }
    return units.count
  }
}
