import EventLoop

/// What a client is doing on its connection, for the deadlines.
///
/// The engine's own timeout is for idleness only: a client that sends a byte now and then could
/// hold a connection for ever.
final class ClientConnection {
  enum Phase {
    /// No request has begun since then.
    case idle(since: UInt64)
    /// A request line came then; its head isn't complete.
    case head(since: UInt64)
    /// - Parameter due: when all of it must be there.
    case body(due: UInt64, lastProgress: UInt64)
    /// The request is complete: time is the server's to spend.
    case handling(since: UInt64)
  }

  let descriptor: CInt
  let peer: Client
  var phase: Phase
  /// The request that is being handled.
  weak var exchange: Exchange?
  /// Whether it lives on under another protocol, and still counts.
  var isUpgraded = false
  /// Whether it may still be sending when its connection ends.
  var lingers = false
  /// Whether a request has ever been answered here.
  var hasServed = false

  init(descriptor: CInt, peer: Client, now: UInt64) {
    self.descriptor = descriptor
    self.peer = peer
    phase = .idle(since: now)
  }

  /// Nanoseconds in which whoever has connected is about to ask something.
  private static let beginning: UInt64 = 500_000_000

  /// Whether the client waits for an answer, still sends what is to be answered, or has only just
  /// come in order to.
  func isUnfinished(_ now: UInt64) -> Bool {
    switch phase {
    case .idle(let since): !hasServed && now < since + Self.beginning
    case .head, .body, .handling: true
    }
  }

  /// Whether the client has used up its time.
  func isOverdue(_ now: UInt64, _ limits: HTTPLimits) -> Bool {
    switch phase {
    case .idle(let since):
      // A connection is opened in order to send a request, so the first one is due as a head is.
      let allowed = hasServed ? limits.keepAliveTimeout : limits.headTimeout
      return now > since + allowed.nanoseconds
    case .head(let since): return now > since + limits.headTimeout.nanoseconds
    case .body(let due, let lastProgress):
      return now > lastProgress + limits.bodyIdleTimeout.nanoseconds || now > due
    case .handling: return false
    }
  }

  /// Whether the server has used up its time.
  func isOverdueAnswer(_ now: UInt64, _ limits: HTTPLimits) -> Bool {
    guard case .handling(let since) = phase else { return false }
    return now > since + limits.handlerTimeout.nanoseconds
  }
}
