import Synchronization

/// What one loop's STUN server has done. Its loop alone writes, others read.
final class STUNCounters: Sendable {
  enum Figure: Int, CaseIterable {
    case requests, answers, badRequests, unknownAttributes, limited, ignored, connections

    /// As `/metrics` and `status` call it.
    var name: String {
      switch self {
      case .requests: "requests"
      case .answers: "answers"
      case .badRequests: "bad_requests"
      case .unknownAttributes: "unknown_attributes"
      case .limited: "limited"
      case .ignored: "ignored"
      case .connections: "connections"
      }
    }

    var help: String {
      switch self {
      case .requests: "Binding requests that came."
      case .answers: "Answers that went out."
      case .badRequests: "Requests that were malformed."
      case .unknownAttributes: "Requests with attributes that aren't known."
      case .limited: "Requests that came too often from one address."
      case .ignored: "Messages that were no requests."
      case .connections: "Connections that were accepted."
      }
    }
  }

  private let requests = Atomic<UInt64>(0)
  private let answers = Atomic<UInt64>(0)
  private let badRequests = Atomic<UInt64>(0)
  private let unknownAttributes = Atomic<UInt64>(0)
  private let limited = Atomic<UInt64>(0)
  private let ignored = Atomic<UInt64>(0)
  private let connections = Atomic<UInt64>(0)

  subscript(figure: Figure) -> UInt64 {
    switch figure {
    case .requests: requests.load(ordering: .relaxed)
    case .answers: answers.load(ordering: .relaxed)
    case .badRequests: badRequests.load(ordering: .relaxed)
    case .unknownAttributes: unknownAttributes.load(ordering: .relaxed)
    case .limited: limited.load(ordering: .relaxed)
    case .ignored: ignored.load(ordering: .relaxed)
    case .connections: connections.load(ordering: .relaxed)
    }
  }

  func add(_ figure: Figure, _ count: Int = 1) {
    switch figure {
    case .requests: Self.add(count, to: requests)
    case .answers: Self.add(count, to: answers)
    case .badRequests: Self.add(count, to: badRequests)
    case .unknownAttributes: Self.add(count, to: unknownAttributes)
    case .limited: Self.add(count, to: limited)
    case .ignored: Self.add(count, to: ignored)
    case .connections: Self.add(count, to: connections)
    }
  }

  /// A plain addition: there is one writer.
  private static func add(_ count: Int, to figure: borrowing Atomic<UInt64>) {
    figure.store(
      figure.load(ordering: .relaxed) &+ UInt64(count), ordering: .relaxed)
  }
}

extension [STUNCounters] {
  /// Of all loops together.
  func sum(_ figure: STUNCounters.Figure) -> UInt64 {
    reduce(0) { $0 &+ $1[figure] }
  }
}
