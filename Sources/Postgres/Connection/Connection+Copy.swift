import CPQ
import EventLoop

extension Connection {
  /// Runs `COPY … FROM STDIN` and feeds it with what `next` gives until that is nil.
  ///
  /// When `next` throws, the COPY is failed in the server and its error goes to the caller.
  /// - Returns: rows copied.
  func copyIn(
    _ sql: String, next: () async throws -> [UInt8]?
  ) async throws -> Int {
    try beginExclusive()
    guard PQsendQuery(pointer, sql) == 1 else {
      throw PostgresError(.connectionLost, lastError, retry: .safe)
    }
    try await expect(PGRES_COPY_IN)
    do {
      while let chunk = try await next() {
        try await put(chunk)
      }
    } catch {
      _ = PQputCopyEnd(pointer, "the sender gave up")
      _ = try? await finishCopy()
      throw error
    }
    guard PQputCopyEnd(pointer, nil) >= 0 else {
      throw PostgresError(.connectionLost, lastError, retry: .unknown)
    }
    return try await finishCopy()
  }

  /// Runs `COPY … TO STDOUT` and hands each row's bytes to `receive`.
  /// - Returns: rows copied.
  func copyOut(
    _ sql: String, receive: (UnsafeRawBufferPointer) async throws -> Void
  ) async throws -> Int {
    try beginExclusive()
    guard PQsendQuery(pointer, sql) == 1 else {
      throw PostgresError(.connectionLost, lastError, retry: .safe)
    }
    try await expect(PGRES_COPY_OUT)
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(pointer, &buffer, 1)
      if length > 0, let buffer {
        defer { PQfreemem(buffer) }
        do {
          try await receive(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
        } catch {
          _ = try? await finishCopy()
          throw error
        }
      } else if length == 0 {
        try await consume()
      } else if length == -1 {
        return try await finishCopy()
      } else {
        _ = try? await finishCopy()
        throw PostgresError(.connectionLost, lastError, retry: .unknown)
      }
    }
  }

  private func put(_ chunk: [UInt8]) async throws(PostgresError) {
    while true {
      let status = chunk.withUnsafeBytes { buffer in
        PQputCopyData(
          pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(buffer.count))
      }
      if status == 1 { break }
      guard status == 0 else { throw PostgresError(.connectionLost, lastError, retry: .unknown) }
      try await ready(for: [.read, .write])
    }
    try await flushAll()
  }

  private func flushAll() async throws(PostgresError) {
    while true {
      switch PQflush(pointer) {
      case 0: return
      case 1:
        try await ready(for: [.read, .write])
        guard PQconsumeInput(pointer) == 1 else {
          throw PostgresError(.connectionLost, lastError, retry: .unknown)
        }
      default: throw PostgresError(.connectionLost, lastError, retry: .unknown)
      }
    }
  }

  private func consume() async throws(PostgresError) {
    try await ready(for: .read)
    guard PQconsumeInput(pointer) == 1 else {
      lose(PostgresError(.connectionLost, lastError, retry: .unknown))
      throw PostgresError(.connectionLost, lastError, retry: .unknown)
    }
  }

  /// The next result, nil at a command's end.
  private func nextResult() async throws(PostgresError) -> ResultHandle? {
    try await flushAll()
    while PQisBusy(pointer) == 1 { try await consume() }
    return PQgetResult(pointer).map(ResultHandle.init)
  }

  private func expect(_ status: ExecStatusType) async throws(PostgresError) {
    guard let handle = try await nextResult() else {
      throw PostgresError(.connectionLost, "no answer", retry: .unknown)
    }
    guard PQresultStatus(handle.pointer) == status else {
      let error = PostgresError(result: handle.pointer)
      while try await nextResult() != nil {}
      try endExclusive()
      throw error
    }
  }

  private func finishCopy() async throws(PostgresError) -> Int {
    var failure: PostgresError?
    var count = 0
    while let handle = try await nextResult() {
      switch PQresultStatus(handle.pointer) {
      case PGRES_COMMAND_OK: count = Rows(handle).affected
      // Its rows are still on their way when a receiver gives up; they are read and dropped.
      case PGRES_COPY_OUT: try await drainCopyOut()
      default: failure = failure ?? PostgresError(result: handle.pointer)
      }
    }
    try endExclusive()
    if let failure { throw failure }
    return count
  }

  private func drainCopyOut() async throws(PostgresError) {
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(pointer, &buffer, 1)
      PQfreemem(buffer)
      if length == 0 { try await consume() } else if length < 0 { return }
    }
  }

  /// Runs one command outside pipeline mode and leaves the connection exclusive.
  func command(_ sql: String) async throws(PostgresError) {
    guard PQsendQuery(pointer, sql) == 1 else {
      throw PostgresError(.connectionLost, lastError, retry: .safe)
    }
    var failure: PostgresError?
    while let handle = try await nextResult() {
      if PQresultStatus(handle.pointer) == PGRES_FATAL_ERROR {
        failure = failure ?? PostgresError(result: handle.pointer)
      }
    }
    if let failure { throw failure }
  }

  /// Notifications that have arrived; waits for some where there are none, but no longer than this.
  func notifications(within patience: Duration) async throws(PostgresError) -> [Notification] {
    let arrived = arrivedNotifications()
    guard arrived.isEmpty else { return arrived }
    let timer = loop.schedule(after: patience) { [weak self] in self?.resumeReadyWaiter() }
    maySayNothing = true
    defer {
      maySayNothing = false
      timer.cancel()
    }
    try await consume()
    return arrivedNotifications()
  }

  private func arrivedNotifications() -> [Notification] {
    var notifications: [Notification] = []
    while let notification = PQnotifies(pointer) {
      defer { PQfreemem(notification) }
      notifications.append(
        Notification(
          channel: String(cString: notification.pointee.relname),
          payload: String(cString: notification.pointee.extra)))
    }
    return notifications
  }
}

/// What NOTIFY carried.
public struct Notification: Sendable {
  public let channel: String
  public let payload: String
}
