import CLinux
import Domain
import EventLoop
import Glibc
import Postgres
import Synchronization

/// Asks the database for names while somebody waits at TAB: on a thread and a connection of its
/// own, so that it works in the middle of anything, and never for long.
final class NameLookup: Sendable {
  private struct Question: Hashable {
    let kind: LiveNames
    let beginning: String
  }

  private struct State {
    var worker: (thread: LoopThread, database: Database)?
    var remembered: [Question: (until: UInt64, names: [Candidate])] = [:]
  }

  /// What somebody at a keyboard waits without wondering.
  private static let patience = Duration.milliseconds(300)
  /// How long an answer is good for.
  private static let memory = Duration.seconds(2)

  private let conninfo: String
  private let state = Mutex(State())

  init(conninfo: String) { self.conninfo = conninfo }

  func find(_ kind: LiveNames, _ beginning: String) -> [Candidate] {
    let question = Question(kind: kind, beginning: beginning)
    let now = Loop.monotonicNanoseconds()
    let remembered = state.withLock { $0.remembered[question] }
    if let remembered, remembered.until > now { return remembered.names }
    guard let names = ask(question) else { return [] }
    state.withLock { state in
      state.remembered = state.remembered.filter { $0.value.until > now }
      state.remembered[question] = (now + Self.memory.nanoseconds, names)
    }
    return names
  }

  /// - Returns: nil where it takes too long, or fails.
  private func ask(_ question: Question) -> [Candidate]? {
    guard let (thread, database) = worker() else { return nil }
    let answer = PromisedNames()
    Task(executorPreference: thread.loop) {
      let found = try? await question.kind.find(question.beginning, in: database)
      answer.give(found?.map { Candidate($0.name, $0.description) })
    }
    return answer.wait(Self.patience)
  }

  private func worker() -> (thread: LoopThread, database: Database)? {
    state.withLock { state in
      if let worker = state.worker { return worker }
      guard let thread = try? LoopThread(name: "completion") else { return nil }
      var options = Database.Options(conninfo: conninfo)
      options.connectTimeout = .seconds(1)
      options.statementTimeout = Self.patience
      let worker = (thread, Database(loop: thread.loop, options: options))
      state.worker = worker
      return worker
    }
  }
}

/// Hands an answer from one thread to another that waits for it only so long.
private final class PromisedNames: Sendable {
  private let names = Mutex<[Candidate]?>(nil)
  private let descriptor = eventfd(0, HAVOC_EVENTFD_FLAGS)

  deinit { close(descriptor) }

  func give(_ found: [Candidate]?) {
    names.withLock { $0 = found }
    var one: UInt64 = 1
    _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Ctrl-C ends the waiting too.
  func wait(_ patience: Duration) -> [Candidate]? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, CInt(patience.nanoseconds / 1_000_000)) == 1 else { return nil }
    return names.withLock { $0 }
  }
}
