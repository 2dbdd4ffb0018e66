import CArgon2
import EventLoop
import Glibc
import Synchronization

/// Computes password hashes on a few threads of its own, so that the loops never wait for one, and
/// takes only so many at once: beyond it the caller is told to come back.
public final class PasswordHasher: Sendable {
  private enum Job: Sendable {
    case hash([UInt8], UnsafeContinuation<PasswordHash?, Never>)
    case verify(Password, PasswordHash, UnsafeContinuation<Bool?, Never>)
  }

  private struct State {
    var jobs: [Job] = []
    var parameters: PasswordParameters
    var limit: Int
    /// Compared with where there is no account, so that its absence takes the same time.
    var decoy: PasswordHash
  }

  /// How many hashes were computed, whatever for.
  public let computations = Atomic<Int>(0)
  /// How many were refused because too many waited.
  public let refusals = Atomic<Int>(0)

  private let state: Mutex<State>
  private let available = SemaphoreBox()

  /// - Parameters:
  ///   - threads: hashes computed at the same time.
  ///   - limit: jobs that may wait for a thread.
  public init(
    parameters: PasswordParameters = PasswordParameters(), threads: Int, limit: Int
  ) throws(SystemError) {
    state = Mutex(
      State(parameters: parameters, limit: limit, decoy: Self.decoy(parameters)))
    for _ in 0..<threads {
      let thread = try startThread(name: "argon2") { [weak self, available] in
        while true {
          available.wait()
          guard let self, let job = self.take() else { return }
          self.perform(job)
        }
      }
      pthread_detach(thread)
    }
  }

  /// Goes on with other parameters for new hashes, and another limit.
  public func adopt(_ parameters: PasswordParameters, limit: Int) {
    state.withLock { state in
      state.parameters = parameters
      state.limit = limit
      state.decoy = Self.decoy(parameters)
    }
  }

  /// Never equal to any password's hash: its value is 32 zero bytes. It must only take as long.
  private static func decoy(_ parameters: PasswordParameters) -> PasswordHash {
    PasswordHash(
      text: "$argon2id$v=19$m=\(parameters.memory),t=\(parameters.iterations),"
        + "p=\(parameters.parallelism)$AAAAAAAAAAAAAAAAAAAAAA$"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
  }

  /// What new hashes are made with.
  public var parameters: PasswordParameters { state.withLock { $0.parameters } }

  /// Jobs that wait now.
  public var waiting: Int { state.withLock { $0.jobs.count } }

  /// Hashes a password with a fresh salt.
  /// - Throws: `.busy` when too many wait already.
  public func hash(_ password: Password) async throws(Refusal) -> PasswordHash {
    let hash = await withUnsafeContinuation { continuation in
      if !submit(.hash(password.bytes, continuation)) { continuation.resume(returning: nil) }
    }
    guard let hash else { throw .busy(retryAfter: 1) }
    return hash
  }

  /// Whether the password is the account's; with no hash it takes as long and is never so.
  /// - Throws: `.busy` when too many wait already.
  public func verify(_ password: Password, _ hash: PasswordHash?) async throws(Refusal) -> Bool {
    let target = hash ?? state.withLock { $0.decoy }
    let matches = await withUnsafeContinuation { continuation in
      if !submit(.verify(password, target, continuation)) {
        continuation.resume(returning: nil)
      }
    }
    guard let matches else { throw .busy(retryAfter: 1) }
    return matches && hash != nil
  }

  /// - Returns: false, with the job left undone, where too many wait.
  private func submit(_ job: Job) -> Bool {
    let isTaken = state.withLock { state in
      guard state.jobs.count < state.limit else { return false }
      state.jobs.append(job)
      return true
    }
    if isTaken {
      available.post()
    } else {
      refusals.wrappingAdd(1, ordering: .relaxed)
    }
    return isTaken
  }

  private func take() -> Job? {
    state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
  }

  private func perform(_ job: Job) {
    computations.wrappingAdd(1, ordering: .relaxed)
    switch job {
    case .hash(let password, let continuation):
      continuation.resume(returning: PasswordHash.make(password, parameters))
    case .verify(let password, let hash, let continuation):
      continuation.resume(returning: hash.matches(password))
    }
  }
}

/// A counting semaphore of the C library.
///
/// `@unchecked Sendable`: the pointer never changes, and POSIX lets any thread wait and post.
private final class SemaphoreBox: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<sem_t>

  init() {
    pointer = .allocate(capacity: 1)
    sem_init(pointer, 0, 0)
  }

  deinit {
    sem_destroy(pointer)
    pointer.deallocate()
  }

  func post() { sem_post(pointer) }

  func wait() {
    while sem_wait(pointer) != 0, errno == EINTR {}
  }
}
