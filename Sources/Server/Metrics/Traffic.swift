import Domain
import EventLoop
import Synchronization

/// What all loops have done.
final class TrafficCounters: Sendable {
  enum Figure { case requests, signIns, signInFailures }

  private let requests = Atomic<UInt64>(0)
  private let signIns = Atomic<UInt64>(0)
  private let signInFailures = Atomic<UInt64>(0)

  func add(_ figure: Figure) {
    switch figure {
    case .requests: requests.wrappingAdd(1, ordering: .relaxed)
    case .signIns: signIns.wrappingAdd(1, ordering: .relaxed)
    case .signInFailures: signInFailures.wrappingAdd(1, ordering: .relaxed)
    }
  }

  subscript(figure: Figure) -> UInt64 {
    switch figure {
    case .requests: requests.load(ordering: .relaxed)
    case .signIns: signIns.load(ordering: .relaxed)
    case .signInFailures: signInFailures.load(ordering: .relaxed)
    }
  }
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
    let (requests, stun) = (services.traffic[.requests], services.stun.sum(.requests))
    defer { (self.requests, self.stun, time) = (requests, stun, now) }
    func rate(_ count: UInt64, _ before: UInt64) -> UInt64 {
      UInt64((Double(count - before) / seconds).rounded())
    }
    let own =
      [("requests", requests)]
      + STUNCounters.Figure.allCases.map { ("stun_\($0.rawValue)", services.stun.sum($0)) }
    return own + [
      ("requests_per_second", rate(requests, self.requests)),
      ("stun_per_second", rate(stun, self.stun)),
    ]
  }
}

/// What was counted since the last minute's sample.
struct TrafficSamples {
  private var last = Sample()

  mutating func next(of services: Services) -> Sample {
    let now = Sample(
      requests: Int64(clamping: services.traffic[.requests]),
      signIns: Int64(clamping: services.traffic[.signIns]),
      signInFailures: Int64(clamping: services.traffic[.signInFailures]),
      stun: Int64(clamping: services.stun.sum(.requests)))
    defer { last = now }
    return Sample(
      requests: now.requests - last.requests, signIns: now.signIns - last.signIns,
      signInFailures: now.signInFailures - last.signInFailures, stun: now.stun - last.stun)
  }
}
