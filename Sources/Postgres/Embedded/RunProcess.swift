import EventLoop
import Glibc

/// What a program left behind that ran to its end.
public struct ProcessResult: Sendable {
  /// The exit status; 128 plus the signal's number where a signal ended it.
  public let status: CInt
  /// At most `ProcessResult.outputLimit` bytes; what came after was dropped.
  public let stdout: String
  public let stderr: String

  /// Bytes of each output that are kept.
  public static let outputLimit = 1 << 20
  /// Bytes of input that a program can be given, which is what a pipe surely holds.
  public static let inputLimit = 4_096
}

/// Runs a program to its end and returns what it wrote. Blocking.
///
/// The program gets the given environment and nothing else, no descriptor of this process, signals
/// as they are by default, and a process group of its own, so that a Ctrl-C at the terminal doesn't
/// reach it. A daemon that it leaves behind isn't waited for.
///
/// - Parameters:
///   - arguments: The program, by its path or by a name to look for in PATH, and its arguments.
///   - environment: All of its environment variables.
///   - input: What it reads on standard input, at most `ProcessResult.inputLimit` bytes of UTF-8;
///     empty for `/dev/null`.
///   - keptDescriptor: One open file that it does inherit, under the same number.
///   - isEnough: For a program that leaves another one working in the background, which has its
///     output still open: waits on until that output ends or until this says yes, asked every 2 ms.
/// - Throws: Why the program couldn't be run (`ENOENT` where there is none); never because of its
///   exit status.
public func runProcess(
  arguments: [String], environment: [String: String], input: String = "",
  keptDescriptor: CInt? = nil, until isEnough: (() -> Bool)? = nil
) throws(SystemError) -> ProcessResult {
  guard let program = arguments.first else { throw SystemError("posix_spawn", code: EINVAL) }
  guard input.utf8.count <= ProcessResult.inputLimit else {
    throw SystemError("posix_spawn \(program)", code: E2BIG)
  }
  let feed = try ProcessPipe()
  if !input.isEmpty { try feed.fill(with: input) }
  let (out, err) = (try ProcessPipe(), try ProcessPipe())

  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  if input.isEmpty {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  } else {
    posix_spawn_file_actions_adddup2(&actions, feed.readEnd, 0)
  }
  posix_spawn_file_actions_adddup2(&actions, out.writeEnd, 1)
  posix_spawn_file_actions_adddup2(&actions, err.writeEnd, 2)
  // Onto itself: that clears close-on-exec.
  if let keptDescriptor {
    posix_spawn_file_actions_adddup2(&actions, keptDescriptor, keptDescriptor)
  }
  for descriptor in inheritableDescriptors() where descriptor != keptDescriptor {
    posix_spawn_file_actions_addclose(&actions, descriptor)
  }

  watchChildren()
  let child = try spawn(arguments, environment, &actions)
  feed.close()
  out.closeWriteEnd()
  err.closeWriteEnd()
  return try collect(child, out: out, err: err, until: isEnough)
}

private func spawn(
  _ arguments: [String], _ environment: [String: String],
  _ actions: inout posix_spawn_file_actions_t
) throws(SystemError) -> pid_t {
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
  posix_spawnattr_setflags(&attributes, Int16(flags))
  posix_spawnattr_setpgroup(&attributes, 0)
  // This process may read its signals from a descriptor and so have them blocked or ignored; a
  // child that inherited that couldn't be stopped.
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigfillset(&signals)
  posix_spawnattr_setsigdefault(&attributes, &signals)

  let words = arguments.map { strdup($0) } + [nil]
  let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for word in words + variables { free(word) } }
  var child = pid_t()
  let code = posix_spawnp(&child, arguments[0], &actions, &attributes, words, variables)
  guard code == 0 else { throw SystemError("posix_spawn \(arguments[0])", code: code) }
  return child
}

/// Reads both outputs until they end or the program has, and then asks how it ended.
private func collect(
  _ child: pid_t, out: ProcessPipe, err: ProcessPipe, until isEnough: (() -> Bool)?
) throws(SystemError) -> ProcessResult {
  var status: CInt = 0
  var hasEnded = false
  while true {
    out.drain()
    err.drain()
    let open = [out, err].filter(\.isOpen)
    if hasEnded, open.isEmpty || isEnough?() ?? true { break }
    if !hasEnded {
      // With both outputs at their end the program is about to go. A daemon of its own may keep
      // them open for ever, so else it is only asked for.
      let answer = retryingInterrupts { waitpid(child, &status, open.isEmpty ? 0 : WNOHANG) }
      guard answer >= 0 else { throw SystemError("waitpid") }
      hasEnded = answer == child
      // It may have written since the last look.
      if hasEnded { continue }
    }
    var waits = open.map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
    poll(&waits, nfds_t(waits.count), isEnough == nil ? 50 : 2)
  }
  let signal = status & 0x7f
  return ProcessResult(
    status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, stdout: out.text, stderr: err.text)
}

/// Ends the ignoring of ended children, which whoever started this process may have left to it: how
/// they ended couldn't be told.
private func watchChildren() {
  var action = sigaction()
  sigaction(SIGCHLD, nil, &action)
  let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
  if handler == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGCHLD, SIG_DFL) }
}

/// Descriptors that a child would get, which belong to other parts of this process.
private func inheritableDescriptors() -> [CInt] {
  (entries(of: "/proc/self/fd") ?? []).compactMap { CInt($0) }.filter { descriptor in
    let flags = fcntl(descriptor, F_GETFD)
    return descriptor > 2 && flags >= 0 && flags & FD_CLOEXEC == 0
  }
}
