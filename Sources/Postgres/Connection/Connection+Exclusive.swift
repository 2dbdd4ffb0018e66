import CPQ
import EventLoop

extension Connection {
  /// Leaves pipeline mode for a COPY or a LISTEN; nothing may be in flight.
  func beginExclusive() throws(PostgresError) {
    guard isIdle, PQexitPipelineMode(pointer) == 1 else {
      throw PostgresError(.connectionLost, lastError, retry: .safe)
    }
    mode = .exclusive
  }

  func endExclusive() throws(PostgresError) {
    guard mode == .exclusive, PQenterPipelineMode(pointer) == 1 else {
      throw PostgresError(.connectionLost, lastError, retry: .unknown)
    }
    mode = .pipeline
    wait(for: .read)
  }

  /// Suspends until the socket is ready, in exclusive mode.
  func ready(for interest: Readiness) async throws(PostgresError) {
    try checkExclusive()
    await withUnsafeContinuation { continuation in
      readyWaiter = continuation
      awaitAnswer()
      wait(for: interest)
    }
    try checkExclusive()
  }

  private func checkExclusive() throws(PostgresError) {
    guard mode != .exclusive else { return }
    throw reasonOfLoss
      ?? PostgresError(.connectionLost, "the connection was closed", retry: .unknown)
  }

  func resumeReadyWaiter() {
    let waiter = readyWaiter
    readyWaiter = nil
    if waiter != nil, mode == .exclusive, let watch {
      // Level-triggered: without a waiter the event would come again at once, for ever.
      loop.update(watch, for: [])
    }
    waiter?.resume()
  }
}
