/// Decides what each answer of a pipelined connection means; it knows nothing of sockets.
///
/// A *unit* is one statement, or several that succeed or fail together. Inside a unit each *step*
/// (preparing or executing a statement) is answered by a result and an end. Units are answered in
/// the order in which they were sent.
///
/// A *group* is what stands before one Sync, and the server makes one implicit transaction of it:
/// one unit that writes, or several that only read. After a failed step the server skips everything
/// up to the Sync, which begins the next group unharmed (PostgreSQL manual, "Pipeline Mode"). Units
/// of the group that were skipped whole haven't run and are sent again, so that one caller's error
/// never reaches another.
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
    /// The first unit was skipped for the failure of one before it: send it again.
    case repeatUnit
    /// The server spoke out of turn; nothing that follows can be trusted.
    case violation
  }

  private struct Unit {
    var steps: [Step]
    var current = 0
    /// Whether the current step has had its result and waits for its end.
    var isAnswered = false
    /// Whether it was skipped from its first step on.
    var isSkipped = false
    /// Whether a Sync stands behind it.
    var endsGroup = false
    /// Whether it is nobody's: a Sync whose units were answered before it was sent.
    var isBare = false
  }

  /// How many units may wait for their answer.
  let limit: Int
  private var units = RingQueue<Unit>()

  init(limit: Int) { self.limit = limit }

  /// What an answer is due to: units, and a Sync that stands alone.
  var inFlight: Int { units.count }
  var isFull: Bool { units.count >= limit }

  /// Notes that a unit has been sent.
  mutating func sent(_ steps: [Step]) {
    units.append(Unit(steps: steps))
  }

  /// Notes that a Sync has been sent behind the last unit. That one may have been answered already:
  /// libpq sends what it holds when it likes, and the server says at once what fails.
  mutating func sealed() {
    if units.isEmpty { units.append(Unit(steps: [], isBare: true)) }
    units.last?.endsGroup = true
  }

  mutating func receive(_ event: Event) -> Action {
    guard var unit = units.first else { return .violation }
    if event == .sync {
      guard unit.current == unit.steps.count, unit.endsGroup else { return .violation }
      return remove(unit)
    }
    guard unit.current < unit.steps.count else { return .violation }
    let step = unit.steps[unit.current]
    var action = Action.nothing
    switch event {
    case .end:
      guard unit.isAnswered else { return .violation }
      unit.current += 1
      unit.isAnswered = false
      if unit.current == unit.steps.count, !unit.endsGroup { return remove(unit) }
    case .result:
      unit.isAnswered = true
      action = step == .execute ? .keepResult : .nothing
    case .failure:
      unit.isAnswered = true
      action = .keepFailure
    case .skipped:
      unit.isAnswered = true
      if unit.current == 0 { unit.isSkipped = true }
      if case .prepare(let number) = step { action = .forget(number) }
    case .sync:
      return .violation
    }
    units.first = unit
    return action
  }

  private mutating func remove(_ unit: Unit) -> Action {
    units.removeFirst()
    if unit.isBare { return .nothing }
    return unit.isSkipped ? .repeatUnit : .finish
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
  mutating func disconnect() { units = RingQueue() }
}
