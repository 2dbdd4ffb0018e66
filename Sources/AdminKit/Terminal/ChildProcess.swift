import EventLoop
import Glibc

/// Another program, found by PATH, that this one starts and waits for.
struct ChildProcess {
  private let pid: pid_t

  /// - Parameters:
  ///   - variables: stand in its environment beside, or in place of, this program's.
  ///   - descriptors: which of this program's descriptors are its standard input, output and
  ///     error; nil for the same as this program's.
  ///   - package: where it comes from, for the hint where it isn't there.
  init(
    _ words: [String], variables: [(name: String, value: String)] = [],
    descriptors: (input: CInt?, output: CInt?, error: CInt?) = (nil, nil, nil),
    package: String? = nil
  ) throws(Failure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [
      (STDIN_FILENO, descriptors.input), (STDOUT_FILENO, descriptors.output),
      (STDERR_FILENO, descriptors.error),
    ] {
      if let source { posix_spawn_file_actions_adddup2(&actions, source, target) }
    }
    // This program ignores SIGPIPE, and what it ignores its children would ignore too.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGPIPE, SIGXFSZ, SIGINT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    var argv = words.map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
    var envp =
      Self.environment(with: variables).map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
    defer { for word in argv + envp { free(word) } }
    var child: pid_t = 0
    let status = posix_spawnp(&child, words[0], &actions, &attributes, &argv, &envp)
    guard status == 0 else {
      throw Failure(
        .failed, "\(words[0]) can't be started: \(String(cString: strerror(status)))",
        hint: package.map { "apt-get install \($0)" })
    }
    pid = child
  }

  private static func environment(with variables: [(name: String, value: String)]) -> [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if !variables.contains(where: { text.hasPrefix("\($0.name)=") }) { entries.append(text) }
      next += 1
    }
    return entries + variables.map { "\($0.name)=\($0.value)" }
  }

  /// How often somebody who watches is told that it still runs.
  private static let tick: useconds_t = 50_000

  /// - Parameter meanwhile: called now and then, so long as it runs; Ctrl-C ends it then.
  /// - Returns: its exit status, or 128 and the signal that ended it.
  func wait(_ meanwhile: (() -> Void)? = nil) -> CInt {
    var result: CInt = 0
    while true {
      let found = waitpid(pid, &result, meanwhile == nil ? 0 : WNOHANG)
      if found == pid || (found < 0 && errno != EINTR) { break }
      guard let meanwhile else { continue }
      if Interrupt.isRaised { interrupt() }
      meanwhile()
      usleep(Self.tick)
    }
    return result & 0x7F == 0 ? (result >> 8) & 0xFF : 128 + (result & 0x7F)
  }

  /// Ends it as Ctrl-C does: psql cancels what it runs in the server.
  func interrupt() { kill(pid, SIGINT) }

  /// Runs one in this terminal, which has it, and Ctrl-C with it, for as long as it runs.
  static func runInTerminal(
    _ words: [String], variables: [(name: String, value: String)] = [], package: String? = nil
  ) throws(Failure) -> CInt {
    let child = try ChildProcess(words, variables: variables, package: package)
    var before = sigaction()
    sigaction(SIGINT, nil, &before)
    Interrupt.ignore()
    defer { sigaction(SIGINT, &before, nil) }
    return child.wait()
  }
}
