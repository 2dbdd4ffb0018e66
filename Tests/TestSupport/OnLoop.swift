import EventLoop

/// Runs `body` on the thread of a loop of its own and gives what it returns.
public func onLoop<Value: Sendable>(
  _ body: @escaping @Sendable (Loop) async throws -> Value
) async throws -> Value {
  let thread = try LoopThread(name: "test")
  defer { thread.join() }
  let loop = thread.loop
  return try await Task(executorPreference: loop) { try await body(loop) }.value
}
