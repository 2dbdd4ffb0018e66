import Domain
import EventLoop
import Postgres
import Synchronization

/// Which loop has whom of each stream, for this process.
final class StreamExchange: Sendable {
  private struct Entry {
    var publisher: StreamDesk?
    /// The loops of watchers, each with how many it has.
    var watchers: [(desk: StreamDesk, count: Int)] = []
    /// Whether other servers have watchers.
    var isWatchedElsewhere = false
    /// The newest frame of another server's that was taken.
    var cursor: Int64 = 0

    var isEmpty: Bool { publisher == nil && watchers.isEmpty }
  }

  private let entries = Mutex<[UUID: Entry]>([:])

  private func update<Value: Sendable>(_ id: UUID, _ body: (inout Entry) -> Value) -> Value {
    entries.withLock { entries in
      var entry = entries[id] ?? Entry()
      defer { entries[id] = entry.isEmpty ? nil : entry }
      return body(&entry)
    }
  }

  // MARK: Coming and going

  func publisherCame(_ id: UUID, _ desk: StreamDesk) { update(id) { $0.publisher = desk } }

  func publisherWent(_ id: UUID) { update(id) { $0.publisher = nil } }

  /// - Parameter cursor: the newest frame of other servers', for the first who watches here.
  func watcherCame(_ id: UUID, _ desk: StreamDesk, cursor: Int64) {
    update(id) { entry in
      if entry.watchers.isEmpty { entry.cursor = max(entry.cursor, cursor) }
      guard let index = entry.watchers.firstIndex(where: { $0.desk === desk }) else {
        return entry.watchers.append((desk, 1))
      }
      entry.watchers[index].count += 1
    }
  }

  func watcherWent(_ id: UUID, _ desk: StreamDesk) {
    update(id) { entry in
      guard let index = entry.watchers.firstIndex(where: { $0.desk === desk }) else { return }
      entry.watchers[index].count -= 1
      if entry.watchers[index].count == 0 { entry.watchers.remove(at: index) }
    }
  }

  // MARK: Ways

  /// Where a publisher's frames go.
  struct Audience: Sendable {
    let desks: [StreamDesk]
    let isElsewhere: Bool
  }

  func audience(of id: UUID) -> Audience {
    entries.withLock {
      Audience(
        desks: $0[id]?.watchers.map(\.desk) ?? [],
        isElsewhere: $0[id]?.isWatchedElsewhere ?? false)
    }
  }

  func publisher(of id: UUID) -> StreamDesk? { entries.withLock { $0[id]?.publisher } }

  func noteElsewhere(_ id: UUID, _ isWatched: Bool) {
    entries.withLock { $0[id]?.isWatchedElsewhere = isWatched }
  }

  /// Every stream that somebody here has to do with.
  var streams: [UUID] { entries.withLock { Array($0.keys) } }

  /// The streams whose publisher is here and that are watched elsewhere.
  var streamsWatchedElsewhere: [UUID] {
    entries.withLock { $0.filter { $0.value.isWatchedElsewhere }.map(\.key) }
  }

  func cursor(of id: UUID) -> Int64 { entries.withLock { $0[id]?.cursor ?? 0 } }

  func advance(_ id: UUID, to cursor: Int64) {
    entries.withLock { entries in
      if let entry = entries[id] { entries[id]?.cursor = max(entry.cursor, cursor) }
    }
  }

  /// Says goodbye to all who have to do with a stream.
  func end(_ id: UUID) {
    let desks = entries.withLock { entries in
      (entries[id]?.watchers.map(\.desk) ?? []) + [entries[id]?.publisher].compactMap { $0 }
    }
    for desk in desks { desk.run { $0.end(id) } }
  }
}
