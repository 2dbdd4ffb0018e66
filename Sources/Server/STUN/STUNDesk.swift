import EventLoop
import STUN

/// One loop's share of the STUN server: who may ask, what is said, and what was done.
///
/// `@unchecked Sendable`: touched only on its loop's thread, but for the counters.
final class STUNDesk: @unchecked Sendable {
  let loop: Loop
  let counters = STUNCounters()
  private var buckets: AddressBuckets
  private let seed: UInt64
  /// Requests a second from one address.
  var rate: Int {
    didSet { if rate != oldValue { buckets = Self.buckets(rate, seed) } }
  }
  private let responder = BindingResponder()

  init(loop: Loop, rate: Int, seed: UInt64) {
    self.loop = loop
    self.rate = rate
    self.seed = seed
    buckets = Self.buckets(rate, seed)
  }

  private static func buckets(_ rate: Int, _ seed: UInt64) -> AddressBuckets {
    AddressBuckets(rate: rate, burst: 2 * rate, seed: seed)
  }

  /// Answers what came, if it is to be answered.
  /// - Parameter buffer: `MessageWriter.largest` bytes.
  func answer(
    _ bytes: UnsafeRawBufferPointer, from client: TransportAddress,
    _ channel: BindingResponder.Channel, into buffer: UnsafeMutableRawBufferPointer
  ) -> BindingResponder.Answer? {
    guard let message = Message(bytes), BindingResponder.isRequest(message) else {
      counters.add(.ignored)
      return nil
    }
    counters.add(.requests)
    guard buckets.take(client.subscriber, now: loop.now) else {
      counters.add(.limited)
      return nil
    }
    guard let answer = responder.answer(message, from: client, channel, into: buffer) else {
      counters.add(.ignored)
      return nil
    }
    switch answer.outcome {
    case .success: break
    case .badRequest: counters.add(.badRequests)
    case .unknownAttribute: counters.add(.unknownAttributes)
    }
    return answer
  }
}
