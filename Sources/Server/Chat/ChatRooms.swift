import Domain
import EventLoop
import Postgres
import Synchronization

/// The conversations that somebody on one loop has open.
///
/// Every socket gets every message once and in the order of ids, whichever server stored it: a
/// message is handed on only behind the one before it, and what is missing is read from the table.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class ChatRooms: @unchecked Sendable {
  private final class Room {
    let id: Int64
    /// The newest message that was handed to the sockets.
    var last: Int64
    var sockets: [ChatSocket] = []
    var isReading = false
    /// Whether something came up while the table was read.
    var isStale = false

    init(id: Int64, last: Int64) {
      self.id = id
      self.last = last
    }
  }

  /// Messages read at once.
  private static let pageSize = 100
  /// Bytes of what was missed that are sent without waiting for their readers.
  private static let longestCatchUp = 65_536

  /// Rooms that are read at once: there may be thousands to read when the database is back.
  private let readers = Turnstile(limit: 32, waiting: .max)

  let loop: Loop
  private let database: Database
  private let conversations: Conversations
  private let messages: Messages
  private var rooms: [Int64: Room] = [:]

  private let exchange: ChatExchange

  init(loop: Loop, database: Database, exchange: ChatExchange) {
    self.loop = loop
    self.database = database
    self.exchange = exchange
    conversations = Conversations(database)
    messages = Messages(database)
  }

  // MARK: Coming and going

  /// - Parameter newest: the conversation's newest message as it was known a moment ago.
  func join(_ socket: ChatSocket, newest: Int64) {
    let room = rooms[socket.conversation] ?? Room(id: socket.conversation, last: newest)
    if room.sockets.isEmpty {
      rooms[room.id] = room
      exchange.opened(room.id, self)
    }
    room.sockets.append(socket)
    Task(executorPreference: loop) { await self.replay(to: socket, room.id) }
  }

  func leave(_ socket: ChatSocket) {
    guard let room = rooms[socket.conversation] else { return }
    room.sockets.removeAll { $0 === socket }
    guard room.sockets.isEmpty else { return }
    rooms[room.id] = nil
    exchange.closed(room.id, self)
  }

  /// Sends what is behind the socket's place, until it stands where the others are.
  private func replay(to socket: ChatSocket, _ id: Int64) async {
    while !socket.isGone {
      guard
        let page = try? await database.insistently({
          try await readers.pass {
            try await conversations.messages(in: id, after: socket.last, limit: Self.pageSize)
          }
        })
      else { return socket.fail() }
      for message in page {
        socket.deliver(Self.frame(message, id), message.id)
        await socket.drained()
      }
      guard page.count == Self.pageSize || socket.last < rooms[id]?.last ?? 0 else { break }
    }
    socket.isLive = true
  }

  // MARK: Messages

  /// Hands on messages that were just stored by a server's own hand.
  func receive(_ stored: [StoredMessage]) {
    for message in stored {
      guard let room = rooms[message.conversation] else { continue }
      if message.previous == room.last {
        hand(message.message, to: room)
      } else {
        noticed(message.conversation, message.message.id)
      }
    }
  }

  /// Somebody has stored a message, or removed the conversation.
  /// - Parameter id: the message's, or 0.
  func noticed(_ conversation: Int64, _ id: Int64) {
    guard let room = rooms[conversation] else { return }
    guard id > 0 else {
      for socket in room.sockets { socket.close() }
      return
    }
    if id > room.last { read(room) }
  }

  /// Nobody knows what was missed: everything is looked up.
  func catchUp() {
    for room in rooms.values { read(room) }
  }

  private func read(_ room: Room) {
    guard !room.isReading else {
      room.isStale = true
      return
    }
    room.isReading = true
    let id = room.id
    Task(executorPreference: loop) { await self.readOn(id) }
  }

  private func readOn(_ id: Int64) async {
    repeat {
      rooms[id]?.isStale = false
      try? await database.insistently { try await readers.pass { try await readPage(id) } }
    } while rooms[id]?.isStale == true
    rooms[id]?.isReading = false
  }

  private func readPage(_ id: Int64) async throws {
    guard let room = rooms[id] else { return }
    let page = try await conversations.messages(
      in: id, after: room.last, limit: Self.pageSize)
    let size = page.reduce(0) { $0 + $1.body.utf8.count }
    guard page.count == Self.pageSize || size > Self.longestCatchUp else {
      for message in page { hand(message, to: room) }
      return
    }
    // Much was missed: each is sent it as fast as it reads.
    room.last = max(room.last, try await messages.newest(in: id))
    for socket in room.sockets where socket.isLive {
      socket.isLive = false
      Task(executorPreference: loop) { await self.replay(to: socket, id) }
    }
  }

  private func hand(_ message: Message, to room: Room) {
    guard message.id > room.last else { return }
    room.last = message.id
    let frame = Self.frame(message, room.id)
    // A socket that is full ends, and leaves the room.
    for socket in Array(room.sockets) where socket.isLive { socket.deliver(frame, message.id) }
  }

  private static func frame(_ message: Message, _ conversation: Int64) -> [UInt8] {
    FrameWriter.frame(
      .text,
      JSONWriter.object {
        $0.field("id", message.id)
        $0.field("conversation_id", conversation)
        $0.field("sender", message.sender)
        $0.field("message", message.body)
        $0.field("timestamp", message.created.rfc3339)
      })
  }
}

/// Which loops have a conversation open.
final class ChatExchange: Sendable {
  private let open = Mutex<[Int64: [ChatRooms]]>([:])

  func opened(_ conversation: Int64, _ rooms: ChatRooms) {
    open.withLock { $0[conversation, default: []].append(rooms) }
  }

  func closed(_ conversation: Int64, _ rooms: ChatRooms) {
    open.withLock { open in
      open[conversation]?.removeAll { $0 === rooms }
      if open[conversation]?.isEmpty == true { open[conversation] = nil }
    }
  }

  /// Runs on every loop that has one of the conversations open; at once where that is this one.
  func tell(_ conversations: Set<Int64>, _ news: @escaping @Sendable (ChatRooms) -> Void) {
    let concerned = open.withLock { open in
      conversations.reduce(into: [ChatRooms]()) { all, id in
        for rooms in open[id] ?? [] where !all.contains(where: { $0 === rooms }) {
          all.append(rooms)
        }
      }
    }
    for rooms in concerned {
      if rooms.loop.isOnLoop { news(rooms) } else { rooms.loop.execute { news(rooms) } }
    }
  }
}
