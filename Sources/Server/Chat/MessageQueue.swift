import Domain
import EventLoop
import Postgres

/// Stores one loop's messages, all that have come while the last ones were committed together: a
/// commit waits for the disk, however many messages it holds.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class MessageQueue: @unchecked Sendable {
  private struct Waiting {
    let message: NewMessage
    /// Called when it is stored, or with why not.
    let done: (String?) -> Void
  }

  /// Messages of one transaction.
  private static let batch = 256
  /// Messages that wait at the most; beyond it they are refused.
  private static let most = 8_192

  private let loop: Loop
  private let messages: Messages
  private let exchange: ChatExchange
  private var waiting: [Waiting] = []
  private var isStoring = false

  init(loop: Loop, messages: Messages, exchange: ChatExchange) {
    self.loop = loop
    self.messages = messages
    self.exchange = exchange
  }

  /// Whether nothing waits to be stored.
  var isIdle: Bool { !isStoring }

  func send(_ message: NewMessage, done: @escaping (String?) -> Void) {
    guard waiting.count < Self.most else {
      return done("The server is busy. Try again in a moment.")
    }
    waiting.append(Waiting(message: message, done: done))
    guard !isStoring else { return }
    isStoring = true
    // What else comes in this turn goes with it.
    loop.beforeWait { [self] in
      Task(executorPreference: loop) { await self.storeAll() }
    }
  }

  private func storeAll() async {
    while !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batch))
      waiting.removeFirst(batch.count)
      await store(batch)
    }
    isStoring = false
  }

  private func store(_ batch: [Waiting]) async {
    do {
      let stored = try await messages.store(batch.map(\.message))
      exchange.tell(Set(batch.map(\.message.conversation))) { $0.receive(stored) }
      for waiting in batch { waiting.done(nil) }
    } catch let error as PostgresError where error.kind == .server && batch.count > 1 {
      // One of them can't be stored; which one shows when each is tried alone.
      for waiting in batch { await store([waiting]) }
    } catch {
      let outage = (error as? PostgresError)?.isOutage ?? false
      for waiting in batch {
        waiting.done(
          outage
            ? "The database is away. If the message comes back to you, it was stored."
            : "The message couldn't be stored.")
      }
    }
  }
}
