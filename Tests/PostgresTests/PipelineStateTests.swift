import Testing

@testable import Postgres

/// What each answer means is decided without a socket, so every order of events can be tried.
@Suite struct PipelineStateTests {
  /// A unit of one statement, answered.
  private static let answered: [PipelineState.Event] = [.result, .end, .sync]

  private func actions(
    _ state: inout PipelineState, _ events: [PipelineState.Event]
  ) -> [PipelineState.Action] {
    events.map { state.receive($0) }
  }

  @Test func answersInOrder() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.execute])
    state.sentAlone([.execute])
    #expect(actions(&state, Self.answered) == [.keepResult, .nothing, .finish])
    #expect(state.inFlight == 1)
    #expect(actions(&state, Self.answered) == [.keepResult, .nothing, .finish])
    #expect(state.inFlight == 0)
  }

  @Test func preparingAnswersNothingToTheCaller() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.prepare(7), .execute])
    #expect(
      actions(&state, [.result, .end, .result, .end, .sync])
        == [.nothing, .nothing, .keepResult, .nothing, .finish])
  }

  @Test func errorInTheMiddleLeavesTheNextUnitUnharmed() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.execute, .prepare(3), .execute])
    state.sentAlone([.execute])
    #expect(
      actions(&state, [.failure, .end, .skipped, .end, .skipped, .end, .sync])
        == [.keepFailure, .nothing, .forget(3), .nothing, .nothing, .nothing, .finish])
    #expect(actions(&state, Self.answered) == [.keepResult, .nothing, .finish])
  }

  @Test func aFailedPreparationIsKnownByItsStatement() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.prepare(5), .execute])
    #expect(state.statementBeingPrepared == 5)
    #expect(state.receive(.failure) == .keepFailure)
    #expect(state.receive(.end) == .nothing)
    #expect(state.statementBeingPrepared == nil)
  }

  @Test(arguments: [
    [PipelineState.Event.sync], [.end], [.result, .sync], [.result, .end, .result],
    [.result, .end, .sync, .result],
  ])
  func answersOutOfTurnAreViolations(events: [PipelineState.Event]) {
    var state = PipelineState(limit: 10)
    state.sentAlone([.execute])
    #expect(actions(&state, events).last == .violation)
  }

  @Test func aLostConnectionForgetsWhatWasInFlight() {
    var state = PipelineState(limit: 10)
    for _ in 0..<4 { state.sentAlone([.execute]) }
    _ = actions(&state, Self.answered + [.result])
    #expect(state.inFlight == 3)
    state.disconnect()
    #expect(state.inFlight == 0)
    #expect(state.receive(.sync) == .violation)
  }

  @Test func severalStatementsOfAUnitAreAnsweredTogether() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.execute, .prepare(1), .execute, .execute])
    #expect(
      actions(&state, [.result, .end, .result, .end, .result, .end, .result, .end, .sync])
        == [
          .keepResult, .nothing, .nothing, .nothing, .keepResult, .nothing, .keepResult, .nothing,
          .finish,
        ])
  }

  @Test func aFailureAtTheEndKeepsWhatCameBefore() {
    var state = PipelineState(limit: 10)
    state.sentAlone([.execute, .execute])
    #expect(
      actions(&state, [.result, .end, .failure, .end, .sync])
        == [.keepResult, .nothing, .keepFailure, .nothing, .finish])
    #expect(state.inFlight == 0)
  }

  @Test func nothingIsExpectedBeforeAnythingIsSent() {
    for event in [PipelineState.Event.result, .failure, .skipped, .end, .sync] {
      var state = PipelineState(limit: 1)
      #expect(state.receive(event) == .violation)
    }
  }

  @Test func aUnitWithoutStepsIsAnsweredByItsSync() {
    var state = PipelineState(limit: 1)
    state.sentAlone([])
    #expect(state.receive(.sync) == .finish)
  }

  @Test func itIsFullAtItsLimitAndTakesMoreOnceOneIsAnswered() {
    var state = PipelineState(limit: 2)
    state.sentAlone([.execute])
    #expect(!state.isFull)
    state.sentAlone([.execute])
    #expect(state.isFull)
    _ = actions(&state, Self.answered)
    #expect(!state.isFull)
  }

  @Test func aLossLeavesAnEmptyState() {
    var state = PipelineState(limit: 2)
    state.disconnect()
    state.sentAlone([.prepare(1), .execute])
    state.disconnect()
    #expect(state.inFlight == 0)
    #expect(state.statementBeingPrepared == nil)
    state.sentAlone([.execute])
    #expect(actions(&state, Self.answered).last == .finish)
  }

  // MARK: Groups

  @Test func unitsBeforeOneSyncAreAnsweredEachAtItsEnd() {
    var state = PipelineState(limit: 10)
    state.sent([.execute])
    state.sent([.prepare(1), .execute])
    state.sent([.execute])
    state.sealed()
    #expect(
      actions(&state, [.result, .end, .result, .end, .result, .end, .result, .end, .sync])
        == [
          .keepResult, .finish, .nothing, .nothing, .keepResult, .finish, .keepResult, .nothing,
          .finish,
        ])
    #expect(state.inFlight == 0)
  }

  @Test func unitsBehindAFailureOfTheirGroupAreSentAgain() {
    var state = PipelineState(limit: 10)
    state.sent([.execute])
    state.sent([.execute])
    state.sent([.prepare(4), .execute])
    state.sent([.execute])
    state.sealed()
    state.sentAlone([.execute])
    #expect(
      actions(&state, [.result, .end, .failure, .end])
        == [.keepResult, .finish, .keepFailure, .finish])
    #expect(
      actions(&state, [.skipped, .end, .skipped, .end, .skipped, .end, .sync])
        == [.forget(4), .nothing, .nothing, .repeatUnit, .nothing, .nothing, .repeatUnit])
    #expect(actions(&state, Self.answered) == [.keepResult, .nothing, .finish])
  }

  @Test func aFailureInsideAUnitSkipsItsOwnRestWithoutRepeatingIt() {
    var state = PipelineState(limit: 10)
    state.sent([.prepare(1), .execute])
    state.sent([.execute])
    state.sealed()
    #expect(
      actions(&state, [.failure, .end, .skipped, .end, .skipped, .end, .sync])
        == [.keepFailure, .nothing, .nothing, .finish, .nothing, .nothing, .repeatUnit])
  }

  @Test func aSyncBeforeTheGroupIsSealedIsAViolation() {
    var state = PipelineState(limit: 10)
    state.sent([.execute])
    #expect(actions(&state, [.result, .end, .sync]) == [.keepResult, .finish, .violation])
  }

  @Test(arguments: [[.failure, .end], [PipelineState.Event.result, .end]])
  func aUnitMayBeAnsweredBeforeItsSyncIsSent(events: [PipelineState.Event]) {
    var state = PipelineState(limit: 10)
    state.sent([.execute])
    #expect(actions(&state, events).last == .finish)
    state.sealed()
    #expect(state.inFlight == 1)
    state.sentAlone([.execute])
    #expect(state.receive(.sync) == .nothing)
    #expect(actions(&state, Self.answered) == [.keepResult, .nothing, .finish])
    #expect(state.inFlight == 0)
  }

  @Test func whatIsSentBehindAnEarlyFailureSharesItsSync() {
    var state = PipelineState(limit: 10)
    state.sent([.execute])
    #expect(actions(&state, [.failure, .end]) == [.keepFailure, .finish])
    state.sent([.execute])
    state.sealed()
    #expect(actions(&state, [.skipped, .end, .sync]) == [.nothing, .nothing, .repeatUnit])
    #expect(state.inFlight == 0)
  }

  /// A queue that moved its elements up at each answer would take minutes.
  @Test func aHundredThousandInOneGo() {
    var state = PipelineState(limit: 100_000)
    var refused = 0
    for number in 0..<100_000 {
      if state.isFull { refused += 1 }
      state.sentAlone(number.isMultiple(of: 3) ? [.prepare(number), .execute] : [.execute])
    }
    #expect(state.isFull && refused == 0)
    var finished = 0
    for number in 0..<100_000 {
      if number.isMultiple(of: 3) {
        _ = state.receive(.result)
        _ = state.receive(.end)
      }
      for event in Self.answered where state.receive(event) == .finish { finished += 1 }
    }
    #expect(finished == 100_000)
    #expect(state.inFlight == 0)
  }
}

extension PipelineState {
  /// Notes a unit with a Sync behind it.
  fileprivate mutating func sentAlone(_ steps: [Step]) {
    sent(steps)
    sealed()
  }
}
