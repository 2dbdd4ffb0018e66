import Domain

/// Lets only so many do something at once; the others wait in their order.
///
/// `@unchecked Sendable`: touched only on its loop.
final class Turnstile: @unchecked Sendable {
  private let limit: Int
  private let waitingLimit: Int
  private var inside = 0
  private var waiting: [UnsafeContinuation<Void, Never>] = []

  init(limit: Int, waiting: Int) {
    self.limit = limit
    waitingLimit = waiting
  }

  /// - Throws: `.busy` where too many wait already.
  func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
    if inside < limit {
      inside += 1
    } else {
      guard waiting.count < waitingLimit else { throw Refusal.busy(retryAfter: 1) }
      // Whoever leaves hands the place over.
      await withUnsafeContinuation { waiting.append($0) }
    }
    defer { leave() }
    return try await body()
  }

  private func leave() {
    if waiting.isEmpty { inside -= 1 } else { waiting.removeFirst().resume() }
  }
}
