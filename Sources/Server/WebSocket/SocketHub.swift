import Domain
import EventLoop
import Glibc
import Postgres

/// Whose socket it is, and what it is about.
struct SocketAccess: Sendable {
  let id: UUID
  let kind: Presence.Kind
  let account: Int64
  let session: UUID
  /// Nil for one that no credential opened.
  let credential: UUID?
  let address: String?
  let target: String
}

/// The open sockets of one loop: what they share, who looks after them.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class SocketHub: @unchecked Sendable {
  let loop: Loop
  private let database: Database
  private let presence: Presence
  var pingInterval: Duration
  private var sockets: [UUID: WebSocket] = [:]
  private var dirty: [WebSocket] = []
  private var gone: [UUID] = []
  private var newcomers: Set<UUID> = []
  private var isForgetDue = false
  /// Where bytes come in before they are looked at.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: readBudget, alignment: 16)
  /// Bytes read from one socket in one turn at the most.
  static let readBudget = 131_072

  static let ping = FrameWriter.frame(.ping, [])

  init(loop: Loop, database: Database, server: UUID, pingInterval: Duration) {
    self.loop = loop
    self.pingInterval = pingInterval
    self.database = database
    presence = Presence(database, server: server)
  }

  deinit { scratch.deallocate() }

  func start() {
    loop.addTurnHook(.init(work: { [self] in flushDirty() }))
    keepAliveLater()
  }

  var count: Int { sockets.count }

  var countByKind: [Presence.Kind: Int] {
    sockets.values.reduce(into: [:]) { $0[$1.access.kind, default: 0] += 1 }
  }

  // MARK: Opening and closing

  /// An answer that makes a connection a socket. The socket is known to the database before, so that
  /// whoever hears of it finds it there.
  /// - Parameters:
  ///   - opened: makes the socket's handler, and sees to it that somebody keeps it.
  ///   - abandoned: called where the client went away before.
  func open(
    _ handshake: Handshake, _ access: SocketAccess, limits: WebSocket.Limits,
    overflow: @escaping @Sendable () -> WebSocket.Overflow = { .close },
    abandoned: @escaping @Sendable () -> Void = {},
    opened: @escaping @Sendable (WebSocket) -> Void
  ) async throws -> Response {
    try await presence.add([access.entry])
    let upgrade = Upgrade(
      open: { [self] descriptor, _, extra, closed in
        let socket = WebSocket(
          descriptor: descriptor, access: access, hub: self, limits: limits, overflow: overflow(),
          onClosed: closed)
        sockets[access.id] = socket
        opened(socket)
        socket.start(extra: extra)
        reviewLater(access.id)
      },
      abandon: { [self] in
        forget(access.id)
        abandoned()
      })
    return Response(101, headers: handshake.headers, body: .upgrade(upgrade))
  }

  func closed(_ socket: WebSocket) {
    sockets[socket.access.id] = nil
    forget(socket.access.id)
  }

  /// Sockets that close together are forgotten together.
  private func forget(_ id: UUID) {
    gone.append(id)
    guard !isForgetDue else { return }
    isForgetDue = true
    loop.beforeWait { [self] in
      isForgetDue = false
      let ids = gone
      gone = []
      // A row that stays behind goes with its server.
      Task(executorPreference: loop) { try? await self.presence.remove(ids) }
    }
  }

  /// Tells the database again which sockets there are: it may have forgotten.
  func remember() {
    let entries = sockets.values.map(\.access.entry)
    guard !entries.isEmpty else { return }
    Task(executorPreference: loop) {
      try? await self.database.insistently { try await self.presence.add(entries) }
    }
  }

  // MARK: Work of every turn

  /// - Returns: bytes that came into `scratch`, 0 at the end, or -1 with the reason.
  func receive(_ descriptor: CInt, _ limit: Int) -> (count: Int, failure: CInt) {
    let count = recv(descriptor, scratch.baseAddress, min(limit, scratch.count), 0)
    return (count, count < 0 ? errno : 0)
  }

  func flushLater(_ socket: WebSocket) { dirty.append(socket) }

  private func flushDirty() {
    while !dirty.isEmpty {
      let sockets = dirty
      dirty = []
      for socket in sockets { socket.flush() }
    }
  }

  private func keepAliveLater() {
    let period = max(.milliseconds(200), min(.seconds(5), pingInterval / 4))
    loop.schedule(after: period) { [weak self] in
      guard let self else { return }
      for socket in sockets.values { socket.keepAlive(pingInterval) }
      keepAliveLater()
    }
  }

  // MARK: Ending

  /// Says goodbye to everybody.
  func closeAll(_ code: UInt16, _ reason: String) {
    for socket in sockets.values { socket.close(code, reason) }
  }

  /// Cuts off who hasn't said goodbye.
  func stop() {
    for socket in sockets.values { socket.vanish() }
  }

  /// Looks again at who has just come: what ended between the question who it is and the socket's
  /// opening was told to nobody here.
  private func reviewLater(_ id: UUID) {
    newcomers.insert(id)
    guard newcomers.count == 1 else { return }
    loop.beforeWait { [self] in
      let concerned = newcomers.compactMap { sockets[$0]?.access }
      newcomers = []
      review(concerned)
    }
  }

  /// Closes the sockets of those who may not have them any longer.
  /// - Parameter isConcerned: which of them to ask the database about.
  func review(_ isConcerned: (SocketAccess) -> Bool) {
    review(sockets.values.filter { isConcerned($0.access) }.map(\.access))
  }

  private func review(_ concerned: [SocketAccess]) {
    guard !concerned.isEmpty else { return }
    Task(executorPreference: loop) {
      let ended = try? await self.database.insistently {
        try await self.presence.ended(concerned.map(\.entry))
      }
      for id in ended ?? [] { self.sockets[id]?.close(1008, Self.sessionEnded) }
    }
  }

  /// Closes sockets as it is told, and with 1008 those whose session has ended.
  func close(_ sockets: [WebSocket], _ code: UInt16, _ reason: String) {
    guard !sockets.isEmpty else { return }
    Task(executorPreference: loop) {
      let ended = Set((try? await self.presence.ended(sockets.map(\.access.entry))) ?? [])
      for socket in sockets {
        if ended.contains(socket.access.id) {
          socket.close(1008, Self.sessionEnded)
        } else {
          socket.close(code, reason)
        }
      }
    }
  }

  private static let sessionEnded = "Your session has ended."

  /// Closes the sockets of addresses that are banned.
  func review(_ bans: BannedNetworks) {
    for socket in sockets.values where bans.contain(socket.access.address) {
      socket.close(1008, "You are banned.")
    }
  }
}

extension SocketAccess {
  fileprivate var entry: Presence.Entry {
    Presence.Entry(
      id: id, kind: kind, account: account, session: session, credential: credential,
      target: target)
  }
}
