import CPQ
import EventLoop

extension Connection {
  /// Waits until the connection can take statements.
  func connect(timeout: Duration) async throws(PostgresError) {
    let failure = await withUnsafeContinuation { continuation in
      connectWaiter = continuation
      connectTimer = loop.schedule(after: timeout) { [weak self] in
        self?.finishConnecting("no answer within \(timeout.components.seconds) s")
      }
      pollConnection()
    }
    if let failure { throw failure }
  }

  private func pollConnection() {
    guard PQstatus(pointer) != CONNECTION_BAD else { return finishConnecting(lastError) }
    switch PQconnectPoll(pointer) {
    case PGRES_POLLING_READING: wait(for: .read)
    case PGRES_POLLING_WRITING: wait(for: .write)
    case PGRES_POLLING_OK:
      // Notices are the server's remarks, such as "relation already exists, skipping"; libpq
      // would print them to standard error.
      PQsetNoticeReceiver(pointer, { _, _ in }, nil)
      guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else {
        return finishConnecting(lastError)
      }
      finishConnecting(nil)
    default: finishConnecting(lastError)
    }
  }

  private func finishConnecting(_ failure: String?) {
    connectTimer?.cancel()
    connectTimer = nil
    guard let waiter = connectWaiter else { return }
    connectWaiter = nil
    if let failure {
      stopWatching()
      mode = .closed
      waiter.resume(returning: PostgresError(.unavailable, failure, retry: .safe))
    } else {
      mode = .pipeline
      wait(for: .read)
      waiter.resume(returning: nil)
    }
  }

  /// libpq may open another socket while it connects, for the next of several hosts, so the watch
  /// is made anew whenever the descriptor has changed.
  func wait(for interest: Readiness) {
    let descriptor = PQsocket(pointer)
    if mode == .connecting { stopWatching() }
    if let watch {
      loop.update(watch, for: interest)
    } else if descriptor >= 0 {
      watch = loop.watch(descriptor, for: interest) { [weak self] ready in
        self?.becameReady(ready)
      }
    }
  }

  func stopWatching() {
    if let watch { loop.cancel(watch) }
    watch = nil
  }

  private func becameReady(_ ready: Readiness) {
    lastMoved = loop.now
    switch mode {
    case .connecting: pollConnection()
    case .pipeline: pump(ready)
    case .exclusive: resumeReadyWaiter()
    case .closed: break
    }
  }
}
