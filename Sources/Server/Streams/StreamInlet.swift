import Domain
import EventLoop
import Postgres

/// Takes in what other servers have sent for the streams of this one, on the loop that listens.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class StreamInlet: @unchecked Sendable {
  private let loop: Loop
  private let exchange: StreamExchange
  private let relay: StreamRelay
  private let streams: Streams
  private var reading: Set<UUID> = []
  /// Streams of which more came while they were read.
  private var stale: Set<UUID> = []

  init(loop: Loop, database: Database, server: UUID, exchange: StreamExchange) {
    self.loop = loop
    self.exchange = exchange
    relay = StreamRelay(database, server: server)
    streams = Streams(database)
  }

  /// - Parameter payload: as `Streams.channel` carries it.
  func heard(_ payload: String) {
    let parts = payload.split(separator: " ")
    guard parts.count == 2, let id = UUID(parts[1]) else { return }
    switch parts[0] {
    case "ended": exchange.end(id)
    case "watchers": lookElsewhere(id)
    case "frames": read(id)
    default: break
    }
  }

  private func lookElsewhere(_ id: UUID) {
    exchange.publisher(of: id)?.run { desk in
      Task(executorPreference: desk.loop) { await desk.lookElsewhere(id) }
    }
  }

  /// Looks after the streams from time to time, and when nobody knows what was missed.
  func review() async {
    try? await streams.endAbandoned()
    try? await relay.forget()
    for id in exchange.streamsWatchedElsewhere { lookElsewhere(id) }
    let known = exchange.streams
    guard !known.isEmpty else { return }
    for id in (try? await streams.ended(known)) ?? [] { exchange.end(id) }
  }

  private func read(_ id: UUID) {
    let isHere = exchange.publisher(of: id) != nil
    guard isHere || !exchange.audience(of: id).desks.isEmpty else { return }
    guard reading.insert(id).inserted else {
      stale.insert(id)
      return
    }
    Task(executorPreference: loop) { await self.readOn(id) }
  }

  private func readOn(_ id: UUID) async {
    repeat {
      stale.remove(id)
      if let desk = exchange.publisher(of: id) {
        await readAnswers(id, desk)
      } else {
        await readFrames(id)
      }
    } while stale.contains(id)
    reading.remove(id)
  }

  private func readFrames(_ id: UUID) async {
    while let frames = try? await relay.frames(of: id, after: exchange.cursor(of: id)),
      let last = frames.last
    {
      exchange.advance(id, to: last.id)
      let desks = exchange.audience(of: id).desks
      for frame in frames {
        for desk in desks where !desk.take(frame.message.frame, id) {
          desk.run { $0.count(id) { $0.dropped += 1 } }
        }
      }
    }
  }

  /// Answers are taken away by whom they are for.
  private func readAnswers(_ id: UUID, _ desk: StreamDesk) async {
    guard let frames = try? await relay.takeAnswers(to: id) else { return }
    desk.run { desk in
      for frame in frames { desk.answer(frame.message, id) }
    }
  }
}

extension StreamRelay.Frame {
  fileprivate var message: SocketMessage { isText ? .text(body) : .binary(body) }
}
