import CLinux
import Glibc
import Synchronization

/// A loop on a thread of its own.
public final class LoopThread: Sendable {
  public let loop: Loop
  private let thread: pthread_t

  /// Starts the thread, which has every signal blocked: signals are the main thread's.
  public init(name: String) throws(SystemError) {
    let loop = try Loop()
    self.loop = loop
    thread = try startThread(name: name) { loop.run() }
  }

  /// Stops the loop and waits for its thread to end.
  public func join() {
    loop.stop()
    pthread_join(thread, nil)
  }
}

/// Runs `body` on a new thread with every signal blocked.
/// - Parameter name: at most 15 bytes are shown by the kernel.
public func startThread(
  name: String, _ body: @escaping @Sendable () -> Void
) throws(SystemError) -> pthread_t {
  final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(name: name, body: body))
  let status = pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer else { return nil }
      let start = Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue()
      pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
      start.body()
      return nil
    }, start.toOpaque())
  guard status == 0 else {
    start.release()
    throw SystemError("pthread_create", code: status)
  }
  return thread
}

/// Runs an async function to its end on `loop`, turning it on the calling thread meanwhile.
public func runToEnd<Result: Sendable>(
  on loop: Loop, _ body: @escaping @Sendable () async -> Result
) -> Result {
  let box = Outcome<Result>()
  Task(executorPreference: loop) {
    let result = await body()
    box.value.withLock { $0 = result }
    loop.stop()
  }
  loop.run()
  guard let result = box.value.withLock({ $0 }) else {
    preconditionFailure("the loop stopped before its task")
  }
  return result
}

/// What `runToEnd` waits for.
private final class Outcome<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
