import CMicrohttpd
import EventLoop
import Glibc

/// HTTP/1.1 on one loop, by libmicrohttpd in its external epoll mode.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread; other threads hand
/// connections over through `adopt`, which goes through the loop.
final class Engine: @unchecked Sendable {
  let loop: Loop
  private(set) var limits: HTTPLimits
  private(set) var proxies: TrustedProxies
  /// What answers requests.
  let answers: TaskPool<(Exchange, Request)>
  /// Answers a request that was refused before it was read; called on the loop.
  let refuse: @Sendable (RefusedRequest) -> Response
  /// How large a body is taken at a path; asked about large ones only.
  let bodySize: @Sendable (_ method: String, _ path: Substring) -> HTTPLimits.BodySize
  /// Called on the loop when a connection has gone.
  let onClosed: @Sendable (_ address: String?) -> Void

  private var daemon: Daemon?
  private let lingering: Lingering
  let tls: TLSHub
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

  /// - Parameter respond: answers a request; called on the loop.
  init(
    loop: Loop, limits: HTTPLimits, proxies: TrustedProxies, idPrefix: String,
    respond: @escaping @Sendable (Request) async -> Response,
    refuse: @escaping @Sendable (RefusedRequest) -> Response,
    bodySize: @escaping @Sendable (String, Substring) -> HTTPLimits.BodySize,
    onClosed: @escaping @Sendable (String?) -> Void
  ) {
    self.loop = loop
    lingering = Lingering(loop: loop)
    tls = TLSHub(loop: loop, lingering: lingering)
    self.limits = limits
    self.proxies = proxies
    self.idPrefix = idPrefix
    answers = TaskPool(loop: loop) { exchange, request in
      exchange.answer(await respond(request))
    }
    self.refuse = refuse
    self.bodySize = bodySize
    self.onClosed = onClosed
  }

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
    // Whoever accepts them counts them.
    options.connection_limit = UInt32(Int32.max)
    daemon = try Daemon(loop, options)
  }

  /// Takes a connection over, with its descriptor. From any thread.
  func adopt(_ descriptor: CInt, _ address: SocketAddress, isSecure: Bool) {
    loop.execute { [self] in
      guard let daemon, !isDraining else {
        close(descriptor)
        return onClosed(address.host)
      }
      newcomer = Client(address: address.host, isSecure: isSecure)
      let isAdded =
        if isSecure {
          // The library has a Unix socket, and is to treat it as such.
          tls.open(descriptor).map { daemon.add($0, .unix) } ?? false
        } else {
          daemon.add(descriptor, address)
        }
      if !isAdded { onClosed(address.host) }
    }
  }

  /// The connection that is being added, which the library asks about meanwhile.
  private var newcomer = Client(address: nil, isSecure: false)

  /// Connections that sleep until there is something to send.
  private var sleeping: Set<OpaquePointer> = []

  func suspend(_ connection: OpaquePointer) {
    sleeping.insert(connection)
    MHD_suspend_connection(connection)
  }

  /// There is something to send on a connection that sleeps, or has been about to.
  func resume(_ connection: OpaquePointer) {
    if sleeping.remove(connection) != nil { MHD_resume_connection(connection) }
    daemon?.wake()
  }

  /// A connection's answer is awaited, or not any longer, without its sleeping.
  func awaits(_ isAwaited: Bool) { daemon?.awaited += isAwaited ? 1 : -1 }

  /// Something has come of the library's running.
  func moved() { daemon?.hasMoved = true }

  // MARK: Connections

  func opened(_ connection: OpaquePointer) -> ClientConnection {
    let client = ClientConnection(
      descriptor: havoc_mhd_connection_fd(connection), peer: newcomer, now: loop.now)
    connections[ObjectIdentifier(client)] = client
    sweepLater()
    return client
  }

  func closed(_ client: ClientConnection) {
    connections[ObjectIdentifier(client)] = nil
    if client.lingers { lingering.close(fcntl(client.descriptor, F_DUPFD_CLOEXEC, 0)) }
    if !client.isUpgraded { onClosed(client.peer.address) }
  }

  /// Lets the library go of a connection that is somebody else's now, outside its own callback.
  func release(_ handle: OpaquePointer) {
    loop.beforeWait { [self] in
      havoc_mhd_release_upgraded(handle)
      daemon?.wake()
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

  /// Goes on with other settings.
  func adopt(_ limits: HTTPLimits, _ proxies: TrustedProxies) {
    self.limits = limits
    self.proxies = proxies
  }

  /// Answers what runs, takes nothing new, and closes what is idle.
  func drain() {
    isDraining = true
    for client in connections.values where !client.isUnfinished(loop.now) {
      shutdown(client.descriptor, CInt(SHUT_RDWR))
    }
  }

  /// Connections whose client waits for an answer, or has something to ask.
  var unfinished: Int {
    connections.values.count { $0.isUnfinished(loop.now) }
  }

  /// Closes everything, whatever is under way.
  func stop() {
    // The library stops the whole program where it finds one asleep.
    for connection in sleeping { MHD_resume_connection(connection) }
    sleeping = []
    daemon?.stop()
    daemon = nil
    answers.close()
    tls.stop()
    lingering.stop()
  }
}
