import Domain

/// Decides whether a change goes ahead, by what it does and to how many rows.
struct Confirmation {
  enum Decision {
    case goAhead
    case ask(question: String, expected: String)
    case refuse(Failure)
  }

  let operation: Operation
  /// What it does, where that isn't what its description says.
  var effect: Operation.Effect?
  /// What would change.
  var what = "rows"
  let global: GlobalOptions
  let isAll: Bool
  let mayAsk: Bool

  /// - Parameter count: rows that would change.
  /// - Parameter name: what the first of them is called.
  func decide(_ count: Int, name: String = "") -> Decision {
    guard count > 0 else { return .goAhead }
    let isMass = count > 1 || isAll
    switch effect ?? operation.effect {
    case .standsAlone, .peeks, .reads, .follows, .converses, .diagnoses, .inspects, .adds,
      .administers:
      return .goAhead
    case .changes: return isMass ? decideMass(count) : .goAhead
    case .destroys: return isMass ? decideMass(count) : decideOne(name)
    case .prunes: return decidePrune(count)
    }
  }

  /// Goes on where it is confirmed, asking on the terminal if need be.
  func settle(_ count: Int, on terminal: Terminal) throws(Failure) {
    switch decide(count) {
    case .goAhead: break
    case .refuse(let failure): throw failure
    case .ask(let question, let expected): try Self.ask(question, expected, on: terminal)
    }
  }

  /// - Throws: `declined` where the answer is another.
  static func ask(_ question: String, _ expected: String, on terminal: Terminal) throws(Failure) {
    guard accepts(try terminal.ask(question), expected) else { throw Failure.declined }
  }

  private func decideOne(_ name: String) -> Decision {
    if global.yes || global.confirm == 1 { return .goAhead }
    if let confirm = global.confirm { return .refuse(Self.differs(confirm, 1)) }
    guard mayAsk else { return .refuse(Self.unanswered("1 row", "--yes")) }
    return .ask(question: "\(operation.name) \(name): really? [y/N] ", expected: "y")
  }

  private func decideMass(_ count: Int) -> Decision {
    if let confirm = global.confirm {
      return confirm == count ? .goAhead : .refuse(Self.differs(confirm, count))
    }
    guard mayAsk else { return .refuse(Self.unanswered("\(count) \(what)", "--confirm=\(count)")) }
    return .ask(
      question: "\(operation.name): \(count) \(what) will change. Type their number to go ahead: ",
      expected: "\(count)")
  }

  /// What is pruned serves nobody any more, and a timer that prunes can't know how much there is.
  private func decidePrune(_ count: Int) -> Decision {
    if global.yes || global.confirm == count { return .goAhead }
    if let confirm = global.confirm { return .refuse(Self.differs(confirm, count)) }
    guard mayAsk else { return .refuse(Self.unanswered("\(count) rows", "--yes")) }
    return .ask(question: "\(operation.name): \(count) rows. Really? [y/N] ", expected: "y")
  }

  private static func differs(_ confirmed: Int, _ count: Int) -> Failure {
    Failure(
      .refused, "--confirm says \(confirmed), but \(count) would change; nothing was changed",
      hint: "look with --dry-run")
  }

  private static func unanswered(_ what: String, _ option: String) -> Failure {
    Failure(
      .refused, "\(what) would change, and there is nobody to ask; nothing was changed",
      hint: "look with --dry-run, then give \(option)")
  }

  /// Whether what was typed is the answer that goes ahead.
  static func accepts(_ answer: String?, _ expected: String) -> Bool {
    let answer = answer?.trimmed.lowercased()
    return answer == expected || (expected == "y" && answer == "yes")
  }
}
