import Synchronization

/// What one loop's STUN server has done. Its loop alone writes, others read.
final class STUNCounters: Sendable {
  /// The names are those in `/metrics` and `status`.
  enum Figure: String, CaseIterable {
    case requests, answers
    case badRequests = "bad_requests"
    case unknownAttributes = "unknown_attributes"
    case limited, ignored, connections

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

  subscript(figure: Figure) -> UInt64 { with(figure) { $0.load(ordering: .relaxed) } }

  /// A plain addition: there is one writer.
  func add(_ figure: Figure, _ count: Int = 1) {
    with(figure) {
      $0.store($0.load(ordering: .relaxed) &+ UInt64(count), ordering: .relaxed)
    }
  }

  @inline(__always)
  private func with<Result>(
    _ figure: Figure, _ body: (borrowing Atomic<UInt64>) -> Result
  ) -> Result {
    switch figure {
    case .requests: body(requests)
    case .answers: body(answers)
    case .badRequests: body(badRequests)
    case .unknownAttributes: body(unknownAttributes)
    case .limited: body(limited)
    case .ignored: body(ignored)
    case .connections: body(connections)
    }
  }
}

extension [STUNCounters] {
  /// Of all loops together.
  func sum(_ figure: STUNCounters.Figure) -> UInt64 {
    reduce(0) { $0 &+ $1[figure] }
  }
}
