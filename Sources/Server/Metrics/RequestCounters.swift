/// What one loop has answered, by route.
///
/// A path that isn't served counts under no route, so that nobody makes new figures by asking for
/// what isn't there.
struct RequestCounters: Sendable {
  struct Entry: Sendable {
    var statuses: [(status: Int, count: UInt64)] = []
    var duration = Histogram(RequestCounters.bounds)

    mutating func add(_ status: Int, _ count: UInt64) {
      if let index = statuses.firstIndex(where: { $0.status == status }) {
        statuses[index].count &+= count
      } else {
        statuses.append((status, count))
      }
    }
  }

  /// Of requests, in microseconds.
  private static let bounds: [UInt64] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
  ]

  /// By route, and then by method: a route answers HEAD too, and a path OPTIONS.
  private var entries: [Entry?]

  /// - Parameter routes: how many there are.
  init(routes: Int) {
    entries = Array(repeating: nil, count: (routes + 1) * Self.methods)
  }

  /// Those that there are, and what isn't one.
  private static let methods = Method.allCases.count + 1

  /// - Parameters:
  ///   - method: nil for one that isn't known.
  ///   - route: its number in the router; nil for none.
  mutating func add(_ method: Method?, _ route: Int?, status: Int, microseconds: UInt64) {
    let place = (route.map { $0 + 1 } ?? 0) * Self.methods + (method?.number ?? Self.methods - 1)
    if entries[place] == nil { entries[place] = Entry() }
    entries[place]?.add(status, 1)
    entries[place]?.duration.add(microseconds)
  }

  /// Adds those of another loop.
  mutating func add(_ other: RequestCounters) {
    for (place, entry) in other.entries.enumerated() {
      guard let entry else { continue }
      if entries[place] == nil { entries[place] = Entry() }
      for (status, count) in entry.statuses { entries[place]?.add(status, count) }
      entries[place]?.duration.add(entry.duration)
    }
  }

  /// What was asked for at all.
  var counted: [(method: Method?, route: Int?, entry: Entry)] {
    entries.enumerated().compactMap { place, entry in
      let (route, method) = place.quotientAndRemainder(dividingBy: Self.methods)
      return entry.map {
        (
          method < Method.allCases.count ? Method.allCases[method] : nil,
          route == 0 ? nil : route - 1, $0
        )
      }
    }
  }
}

extension Exposition {
  mutating func add(_ counters: RequestCounters, _ routes: [Route]) {
    let entries = counters.counted.map { method, route, entry in
      (
        method: method?.rawValue ?? "other", route: route.map { routes[$0].template } ?? "none",
        entry: entry
      )
    }
    add(
      "havocctl_http_requests_total", .counter, "Requests that were answered.",
      entries.flatMap { entry in
        entry.entry.statuses.sorted { $0.status < $1.status }.map { status in
          (
            [
              "method": entry.method, "route": entry.route, "status": String(status.status),
            ] as Labels, status.count
          )
        }
      })
    add(
      "havocctl_http_request_duration_seconds", "From a request's end to its answer.",
      entries.map { (["method": $0.method, "route": $0.route] as Labels, $0.entry.duration) })
  }
}
