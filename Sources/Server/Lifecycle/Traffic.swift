import EventLoop
import Synchronization

/// Requests that all loops have answered.
final class RequestCounter: Sendable {
  private let answered = Atomic<UInt64>(0)

  func add() { answered.wrappingAdd(1, ordering: .relaxed) }

  var count: UInt64 { answered.load(ordering: .relaxed) }
}

/// What a server tells the other programs on its database each time it says that it is alive.
struct TrafficReport {
  private var requests: UInt64 = 0
  private var stun: UInt64 = 0
  private var time = Loop.monotonicNanoseconds()

  /// What was counted since the server began, and how much of it a second since the last report.
  mutating func figures(of services: Services) -> [(name: String, value: UInt64)] {
    let now = Loop.monotonicNanoseconds()
    let seconds = max(0.001, Double(now - time) / 1e9)
    let (requests, stun) = (services.requests.count, services.stun.sum(.requests))
    defer { (self.requests, self.stun, time) = (requests, stun, now) }
    func rate(_ count: UInt64, _ before: UInt64) -> UInt64 {
      UInt64((Double(count - before) / seconds).rounded())
    }
    return services.figures + [
      ("requests_per_second", rate(requests, self.requests)),
      ("stun_per_second", rate(stun, self.stun)),
    ]
  }
}
