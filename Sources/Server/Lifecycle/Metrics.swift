/// Figures in Prometheus' text format.
struct Metrics {
  enum Kind: String { case counter, gauge }

  private var text = ""

  /// Adds a figure.
  /// - Parameter name: without the program's own, which stands before each.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
    let name = "havocctl_" + name + (kind == .counter ? "_total" : "")
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n\(name) \(value)\n"
  }

  var bytes: [UInt8] { Array(text.utf8) }
}

extension Services {
  /// What this server has counted, for `/metrics`.
  var metrics: Metrics {
    var metrics = Metrics()
    metrics.add("requests", .counter, "Requests that were answered.", requests.count)
    for figure in STUNCounters.Figure.allCases {
      metrics.add("stun_\(figure.rawValue)", .counter, figure.help, stun.sum(figure))
    }
    return metrics
  }

  /// What it has counted, for the other programs on the database.
  var figures: [(name: String, value: UInt64)] {
    [("requests", requests.count)]
      + STUNCounters.Figure.allCases.map { ("stun_\($0.rawValue)", stun.sum($0)) }
  }
}
