import Domain
import Postgres

extension TrainerDialect {
  static let streamRoutes: [Route] = [
    Route(.get, "stream/sessions/start/", speech, .caller, handle: start)
      .documented(
        "start_stream", "Begin a streaming session",
        .ok(session("Session started"))
          .leading(to: "trainer_end_stream", ["session_id": "session_id"]),
        about: "It ends by itself where no socket opens it in time."),
    Route(.get, "stream/sessions/end/", speech, .caller, [sessionID], handle: end)
      .documented("end_stream", "End a streaming session", .ok(session("Session ended")))
      .failing(404, "There is no such session of which you may."),
    Route(.get, "stream/sessions/active/", speech, .caller, handle: listActive)
      .documented(
        "streams", "Streaming sessions that run",
        .ok(["sessions": .array(session("Session started"))], "One's own; an administrator's: all.")
      ),
    Route(.get, "ws/stream/<str:session_id>/", speech, .anyone, handle: publish)
      .socket(
        "publish", "The publisher's socket",
        """
        The session's id alone opens it, once. What is sent goes to every watcher, text or bytes, up \
        to 1 MiB a frame; closing it ends the session.
        """
      )
      .failing(409, "The session has a publisher, or has had one."),
    Route(.get, "ws/stream/<str:session_id>/watch/", speech, .caller, handle: watch)
      .socket(
        "watch", "A watcher's socket",
        "Its text goes back to the publisher. For the session's owner, staff and administrators."),
  ]

  private static let sessionID = Field("session_id", .text(longest: 256)).about(
    "The session's id; it may stand in a body as well.", .uuid)

  private static func session(_ message: String) -> Schema {
    ["session_id": .uuid, "message": .constant(.string(message))]
  }

  /// Bytes of a frame.
  private static let longestFrame = 1_048_576
  private static let answerBudget = 65_536
  /// Bytes that wait for a watcher who reads slowly, before the oldest frames are dropped.
  private static let longestQueue = 4 * 1_048_576

  private static func write(_ id: UUID, _ message: String, to writer: inout JSONWriter) {
    writer.field("session_id", id.description)
    writer.field("message", message)
  }

  @Sendable private static func start(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let id = try await context.streams.start(
      caller, openWithin: context.services.settings.streams.openTimeout)
    return .json(200) { write(id, "Session started", to: &$0) }.with(Response.noStore)
  }

  @Sendable private static func end(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let id = try streamID(try context.input().required(sessionID))
    try await context.streams.end(id, by: caller)
    return .json(200) { write(id, "Session ended", to: &$0) }
  }

  private static func streamID(_ text: String) throws(Refusal) -> UUID {
    guard let id = UUID(text) else {
      throw .notFound("There is no such streaming session.")
    }
    return id
  }

  @Sendable private static func listActive(_ context: Context) async throws -> Response {
    var owner: Int64?
    if !context.services.settings.streams.areListedToAnyone {
      let caller = try await context.caller()
      owner = caller.permission.isAdmin ? nil : caller.account
    }
    let ids = try await context.streams.active(of: owner)
    return .json(200) { writer in
      writer.key("sessions")
      writer.beginArray()
      for id in ids { writer.object { write(id, "Session started", to: &$0) } }
      writer.endArray()
    }.with(Response.noStore)
  }

  // MARK: Sockets

  @Sendable private static func publish(_ context: Context) async throws -> Response {
    let handshake = try Handshake(context.request)
    try context.checkOrigin()
    let id = try streamID(context.path.texts[0])
    let (desk, services) = (context.services.streams, context.services)
    let owner = try await desk.streams.open(id, on: services.server)
    let end = { @Sendable in
      Task(executorPreference: desk.loop) { await desk.end(stored: id) }
      return
    }
    let access = SocketAccess(
      id: .random(), kind: .publish, account: owner.account, session: owner.session,
      credential: nil, address: context.request.address, target: id.description)
    let limits = WebSocket.Limits(
      message: longestFrame, queue: longestFrame, read: SocketHub.readBudget, rate: 0)
    do {
      return try await services.sockets.open(
        handshake, access, limits: limits, overflow: { .dropOldest { _ in } }, abandoned: end,
        opened: { socket in
          let publisher = StreamPublisher(socket, id, desk)
          socket.handler = publisher
          desk.join(publisher)
        })
    } catch {
      end()
      throw error
    }
  }

  @Sendable private static func watch(_ context: Context) async throws -> Response {
    let handshake = try Handshake(context.request)
    let caller = try await context.caller(opening: handshake)
    let id = try streamID(context.path.texts[0])
    let desk = context.services.streams
    try await desk.streams.checkWatcher(id, caller)
    let cursor = try await desk.relay.newest()
    let access = SocketAccess(
      id: .random(), kind: .watch, account: caller.account, session: caller.session,
      credential: caller.credential, address: context.request.address, target: id.description)
    let limits = WebSocket.Limits(
      message: longestFrame, queue: longestQueue, read: answerBudget, rate: 0)
    desk.expectWatcher(id, cursor: cursor)
    do {
      return try await context.services.sockets.open(
        handshake, access, limits: limits,
        overflow: { .dropOldest { dropped in desk.count(id) { $0.dropped += Int64(dropped) } } },
        abandoned: { desk.cancelWatcher(id) },
        opened: { socket in
          let watcher = StreamWatcher(socket, id, desk)
          socket.handler = watcher
          desk.join(watcher)
        })
    } catch {
      desk.cancelWatcher(id)
      throw error
    }
  }
}

extension Context {
  fileprivate var streams: Streams { Streams(services.database) }
}
