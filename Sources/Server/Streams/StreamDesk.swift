import Domain
import EventLoop
import Postgres
import Synchronization

/// The publishers and watchers of one loop.
///
/// `@unchecked Sendable`: everything in it but `underway`, which is atomic, is touched only on its
/// loop's thread.
final class StreamDesk: @unchecked Sendable {
  let loop: Loop
  let exchange: StreamExchange
  let streams: Streams
  let relay: RelayQueue
  private let hub: SocketHub
  private var publishers: [UUID: StreamPublisher] = [:]
  private var watchers: [UUID: [StreamWatcher]] = [:]
  private var traffic: [UUID: Streams.Traffic] = [:]
  /// Bytes of frames that other loops have sent and this one hasn't taken.
  private let underway = Atomic<Int>(0)

  /// More than that isn't sent to a loop that doesn't keep up.
  private static let mostUnderway = 16 * 1_048_576
  /// How often it is written what went through.
  private static let countInterval = Duration.seconds(1)

  init(hub: SocketHub, database: Database, server: UUID, exchange: StreamExchange) {
    self.hub = hub
    loop = hub.loop
    self.exchange = exchange
    streams = Streams(database)
    relay = RelayQueue(loop: loop, relay: StreamRelay(database, server: server))
    relay.onDropped = { [weak self] in self?.count($0) { $0.dropped += 1 } }
  }

  /// Runs on this desk's loop; at once where that is this one.
  func run(_ body: @escaping @Sendable (StreamDesk) -> Void) {
    if loop.isOnLoop { body(self) } else { loop.execute { body(self) } }
  }

  // MARK: Coming and going

  /// Others know of a watcher before the client hears that it is one: what is published from then
  /// on is for it.
  func expectWatcher(_ id: UUID, cursor: Int64) {
    exchange.watcherCame(id, self, cursor: cursor)
  }

  /// A watcher that was expected doesn't come.
  func cancelWatcher(_ id: UUID) { exchange.watcherWent(id, self) }

  func join(_ publisher: StreamPublisher) {
    publishers[publisher.stream] = publisher
    exchange.publisherCame(publisher.stream, self)
    // Who has been waiting elsewhere.
    Task(executorPreference: loop) { await self.lookElsewhere(publisher.stream) }
  }

  /// The publisher's going ends the stream.
  func leave(_ publisher: StreamPublisher) {
    let id = publisher.stream
    publishers[id] = nil
    exchange.publisherWent(id)
    Task(executorPreference: loop) {
      await self.writeCounts()
      self.exchange.end(id)
      await self.end(stored: id)
    }
  }

  /// How often a stream's end is written where the database is away, and how long to wait between.
  private static let endAttempts = 100
  private static let endInterval = Duration.seconds(3)

  /// Writes a stream's end, which this server alone knows of.
  func end(stored id: UUID) async {
    for _ in 0..<Self.endAttempts {
      if (try? await streams.end([id])) != nil { return }
      await loop.sleep(for: Self.endInterval)
    }
  }

  func join(_ watcher: StreamWatcher) {
    watchers[watcher.stream, default: []].append(watcher)
    guard exchange.publisher(of: watcher.stream) == nil else { return }
    Task(executorPreference: loop) { await self.relay.tellWatchers(of: watcher.stream) }
  }

  func leave(_ watcher: StreamWatcher) {
    watchers[watcher.stream]?.removeAll { $0 === watcher }
    if watchers[watcher.stream]?.isEmpty == true { watchers[watcher.stream] = nil }
    exchange.watcherWent(watcher.stream, self)
  }

  /// Finds out whether a stream of this loop's is watched on other servers.
  func lookElsewhere(_ id: UUID) async {
    guard let isWatched = await relay.isWatchedElsewhere(id) else { return }
    exchange.noteElsewhere(id, isWatched)
  }

  func end(_ id: UUID) {
    var sockets = (watchers[id] ?? []).map(\.socket)
    if let publisher = publishers[id] { sockets.append(publisher.socket) }
    hub.close(sockets, 1000, "The streaming session has ended.")
  }

  // MARK: Frames

  /// A publisher's frame, to everybody who watches.
  func publish(_ message: SocketMessage, _ id: UUID) {
    count(id) {
      $0.frames += 1
      $0.bytes += Int64(message.bytes.count)
    }
    let audience = exchange.audience(of: id)
    if !audience.desks.isEmpty {
      let frame = message.frame
      for desk in audience.desks { if !desk.take(frame, id) { count(id) { $0.dropped += 1 } } }
    }
    if audience.isElsewhere { relay.send(message, id, toPublisher: false) }
  }

  /// A frame for this loop's watchers. From any thread.
  /// - Returns: false where the loop has too many to take already.
  func take(_ frame: [UInt8], _ id: UUID) -> Bool {
    if loop.isOnLoop {
      deliver(frame, id)
      return true
    }
    guard underway.load(ordering: .relaxed) < Self.mostUnderway else { return false }
    underway.wrappingAdd(frame.count, ordering: .relaxed)
    loop.execute { [self] in
      underway.wrappingSubtract(frame.count, ordering: .relaxed)
      deliver(frame, id)
    }
    return true
  }

  private func deliver(_ frame: [UInt8], _ id: UUID) {
    for watcher in watchers[id] ?? [] { watcher.socket.send(frame) }
  }

  /// A watcher's words, to the publisher wherever it is.
  func answer(_ message: SocketMessage, _ id: UUID) {
    guard let desk = exchange.publisher(of: id) else {
      return relay.send(message, id, toPublisher: true)
    }
    let frame = message.frame
    desk.run { $0.publishers[id]?.socket.send(frame) }
  }

  // MARK: Counting

  func count(_ id: UUID, _ change: (inout Streams.Traffic) -> Void) {
    if traffic.isEmpty {
      loop.schedule(after: Self.countInterval) { [weak self] in
        guard let self else { return }
        Task(executorPreference: loop) { await self.writeCounts() }
      }
    }
    change(&traffic[id, default: Streams.Traffic()])
  }

  private func writeCounts() async {
    guard !traffic.isEmpty else { return }
    let counted = traffic.map { (id: $0.key, traffic: $0.value) }
    traffic = [:]
    // What can't be written is nothing but a count.
    try? await streams.count(counted)
  }
}

extension SocketMessage {
  var frame: [UInt8] {
    switch self {
    case .text(let bytes): FrameWriter.frame(.text, bytes)
    case .binary(let bytes): FrameWriter.frame(.binary, bytes)
    }
  }
}
