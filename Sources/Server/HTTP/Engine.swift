import CMicrohttpd
import EventLoop
import Glibc

/// HTTP/1.1 on one loop, by libmicrohttpd in its external epoll mode.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread; other threads hand
/// connections over through `adopt`, which goes through the loop.
final class Engine: @unchecked Sendable {
  let loop: Loop
  let limits: HTTPLimits
  let proxies: TrustedProxies
  /// Answers a request; called on the loop.
  let respond: @Sendable (Request) async -> Response
  /// Answers a request that was refused before it was read; called on the loop.
  let refuse: @Sendable (RefusedRequest) -> Response
  /// How large a body is taken at a path; asked about large ones only.
  let bodySize: @Sendable (_ method: String, _ path: Substring) -> HTTPLimits.BodySize
  /// Called on the loop when a connection has gone.
  let onClosed: @Sendable (_ address: String?) -> Void

  private var daemon: OpaquePointer?
  private var needsRun = false
  private var isSweepDue = false
  private var connections: [ObjectIdentifier: ClientConnection] = [:]
  private(set) var active = 0
  /// Bodies larger than most that are arriving or worked on.
  var largeBodies = 0
  /// Answers end their connection, and idle ones are closed.
  private(set) var isDraining = false
  /// The first half of every request id of this loop; a counter is the other.
  let idPrefix: String
  var requestCount: UInt64 = 0

  init(
    loop: Loop, limits: HTTPLimits, proxies: TrustedProxies, idPrefix: String,
    respond: @escaping @Sendable (Request) async -> Response,
    refuse: @escaping @Sendable (RefusedRequest) -> Response,
    bodySize: @escaping @Sendable (String, Substring) -> HTTPLimits.BodySize,
    onClosed: @escaping @Sendable (String?) -> Void
  ) {
    self.loop = loop
    self.limits = limits
    self.proxies = proxies
    self.idPrefix = idPrefix
    self.respond = respond
    self.refuse = refuse
    self.bodySize = bodySize
    self.onClosed = onClosed
  }

  /// Starts the daemon and hooks it into the loop.
  func start() throws(SystemError) {
    loop.preconditionOnLoop()
    var options = havoc_mhd_options()
    options.context = Unmanaged.passUnretained(self).toOpaque()
    options.handler = engineHandle
    options.completed = engineCompleted
    options.connection = engineConnection
    options.uri = engineURI
    options.unescape = engineKeepEscapes
    options.connection_memory = 2 * limits.head
    options.connection_timeout = UInt32(limits.keepAliveTimeout.components.seconds) + 15
    options.connection_limit = UInt32(limits.connections)
    guard havoc_mhd_load() != 0 else { throw SystemError("libmicrohttpd", code: ENOENT) }
    guard let daemon = havoc_mhd_start(HAVOC_MHD_FLAGS, &options) else {
      throw SystemError("MHD_start_daemon")
    }
    self.daemon = daemon
    _ = loop.watch(havoc_mhd_epoll_fd(daemon), for: .read) { [self] _ in needsRun = true }
    loop.addTurnHook(.init(work: { [self] in work() }, longestWait: { [self] in longestWait() }))
  }

  /// Takes a connection over, with its descriptor. From any thread.
  func adopt(_ descriptor: CInt, _ address: SocketAddress) {
    loop.execute { [self] in
      guard let daemon, !isDraining else {
        close(descriptor)
        return onClosed(address.host)
      }
      pendingAddress = address.host
      let status = address.withPointer { MHD_add_connection(daemon, descriptor, $0, $1) }
      pendingAddress = nil
      // On failure the library has closed the descriptor.
      if status != .yes { onClosed(address.host) }
      needsRun = true
    }
  }

  /// The address of the connection that is being added, which the library asks about meanwhile.
  private var pendingAddress: String?

  // MARK: Turning

  private func work() {
    guard let daemon else { return }
    // The library must run again at once while it says so, or connections stall.
    var rounds = 0
    while rounds < 16, needsRun || isDue(daemon) {
      needsRun = false
      MHD_run(daemon)
      rounds += 1
    }
  }

  private func isDue(_ daemon: OpaquePointer) -> Bool {
    var timeout: CUnsignedLongLong = 0
    return MHD_get_timeout(daemon, &timeout) == .yes && timeout == 0
  }

  private func longestWait() -> Int64 {
    guard let daemon else { return -1 }
    var timeout: CUnsignedLongLong = 0
    guard MHD_get_timeout(daemon, &timeout) == .yes else { return -1 }
    return Int64(clamping: timeout)
  }

  /// Notes that a connection was resumed, so that the library runs before the next wait.
  func noteResumed() { needsRun = true }

  // MARK: Connections

  func opened(_ connection: OpaquePointer) -> ClientConnection {
    let client = ClientConnection(
      descriptor: havoc_mhd_connection_fd(connection), address: pendingAddress, now: loop.now)
    connections[ObjectIdentifier(client)] = client
    sweepLater()
    return client
  }

  func closed(_ client: ClientConnection) {
    connections[ObjectIdentifier(client)] = nil
    if !client.isUpgraded { onClosed(client.address) }
  }

  /// Lets the library go of a connection that is somebody else's now, outside its own callback.
  func release(_ handle: OpaquePointer) {
    loop.beforeWait { [self] in
      havoc_mhd_release_upgraded(handle)
      needsRun = true
    }
  }

  func began() { active += 1 }
  func ended() { active -= 1 }

  /// Connections open now.
  var connectionCount: Int { connections.count }

  /// Twice a second while there is a connection: enough for deadlines of seconds, and nothing
  /// against ten thousand timers.
  private func sweepLater() {
    guard !isSweepDue, !connections.isEmpty else { return }
    isSweepDue = true
    loop.schedule(after: .milliseconds(500)) { [weak self] in
      guard let self, daemon != nil else { return }
      isSweepDue = false
      let now = loop.now
      for client in connections.values where client.isOverdue(now, limits) {
        // The library finds the end of the stream and clears up.
        shutdown(client.descriptor, CInt(SHUT_RDWR))
      }
      for client in connections.values where client.isOverdueAnswer(now, limits) {
        client.exchange?.giveUp()
      }
      sweepLater()
    }
  }

  // MARK: Ending

  /// Answers what runs, takes nothing new, and closes what is idle.
  func drain() {
    isDraining = true
    for client in connections.values {
      if case .idle = client.phase { shutdown(client.descriptor, CInt(SHUT_RDWR)) }
    }
  }

  /// Closes everything. Suspended connections must have been resumed.
  func stop() {
    guard let daemon else { return }
    self.daemon = nil
    MHD_stop_daemon(daemon)
  }
}
