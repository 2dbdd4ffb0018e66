import CLinux
import EventLoop
import Glibc
import Synchronization

/// Ctrl-C (SIGINT), and SIGTERM, as something that a command notices and ends by, instead of being
/// ended in the middle of what it does.
public enum Interrupt {
  /// What another Ctrl-C does that comes long after one that wasn't heeded.
  public enum Mode: Sendable {
    /// It ends the program.
    case shell
    /// Nothing more: there is a prompt to come back to.
    case conversation
  }

  private static let wasRaised = Atomic<Bool>(false)
  private static let firstTime = Atomic<UInt64>(0)
  /// Nanoseconds in which a command may clean up behind itself, however often the key is pressed.
  private static let impatience: UInt64 = 2_000_000_000
  private static let endsProgram = Atomic<Bool>(true)
  private static let descriptor = eventfd(0, HAVOC_EVENTFD_FLAGS)
  /// How often somebody who sleeps looks whether to go on.
  private static let glance = Duration.milliseconds(100)

  /// Takes the signal from here on. System calls that wait are broken off by it (EINTR).
  public static func install(_ mode: Mode) {
    // The handler may touch nothing that is made on first use.
    _ = descriptor
    endsProgram.store(mode == .shell, ordering: .relaxed)
    clear()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      let before = errno
      let now = Loop.monotonicNanoseconds()
      if !Interrupt.wasRaised.exchange(true, ordering: .relaxed) {
        Interrupt.firstTime.store(now, ordering: .relaxed)
      } else if Interrupt.endsProgram.load(ordering: .relaxed),
        now > Interrupt.firstTime.load(ordering: .relaxed) + Interrupt.impatience
      {
        _exit(ExitStatus.interrupted.rawValue)
      }
      var one: UInt64 = 1
      _ = Glibc.write(Interrupt.descriptor, &one, MemoryLayout<UInt64>.size)
      errno = before
    }
    sigaction(SIGINT, &action, nil)
    // There is no prompt to come back to for who is told to end.
    if mode == .conversation { action.__sigaction_handler.sa_handler = SIG_DFL }
    sigaction(SIGTERM, &action, nil)
  }

  /// Leaves Ctrl-C to a program that runs in this terminal meanwhile.
  static func ignore() { signal(SIGINT, SIG_IGN) }

  static var hasPrompt: Bool { !endsProgram.load(ordering: .relaxed) }

  public static var isRaised: Bool { wasRaised.load(ordering: .relaxed) }

  /// It was heeded.
  public static func clear() {
    wasRaised.store(false, ordering: .relaxed)
    drain()
  }

  private static func drain() {
    var count: UInt64 = 0
    _ = Glibc.read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  static let failure = Failure(.interrupted, "interrupted")

  /// - Throws: where Ctrl-C was pressed.
  static func check() throws(Failure) {
    if isRaised { throw failure }
  }

  /// Waits until standard input has something, or is at its end. A signal that comes just before a
  /// read wouldn't break it off.
  /// - Throws: where Ctrl-C was pressed, or is.
  static func waitForInput() throws(Failure) {
    try check()
    var entries = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0, errno == EINTR {}
    try check()
  }

  /// Calls `body` on the loop when Ctrl-C is pressed.
  public static func watch(on loop: Loop, _ body: @escaping () -> Void) -> Watch {
    loop.watch(descriptor, for: .read) { _ in
      drain()
      body()
    }
  }

  /// - Throws: as soon as Ctrl-C is pressed.
  static func sleep(for duration: Duration, on loop: Loop) async throws(Failure) {
    var left = duration
    while left > .zero {
      try check()
      await loop.sleep(for: min(left, glance))
      left -= glance
    }
    try check()
  }
}
