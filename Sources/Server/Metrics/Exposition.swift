/// Figures in Prometheus' text format, version 0.0.4.
struct Exposition {
  enum Kind: String { case counter, gauge, histogram }

  typealias Labels = KeyValuePairs<String, String>

  private var text = ""

  var bytes: [UInt8] { Array(text.utf8) }

  /// One figure without labels.
  /// - Parameter name: with the program's own before it, unless it is one that every program has.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some Figure) {
    head(name, kind, help)
    line(name, [:], value)
  }

  /// One figure for each of several.
  mutating func add<Value: Figure>(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: Labels, value: Value)]
  ) {
    guard !samples.isEmpty else { return }
    head(name, kind, help)
    for sample in samples { line(name, sample.labels, sample.value) }
  }

  mutating func add(
    _ name: String, _ help: String, _ samples: [(labels: Labels, value: Histogram)]
  ) {
    guard !samples.isEmpty else { return }
    head(name, .histogram, help)
    for (labels, histogram) in samples {
      var count: UInt64 = 0
      for (bound, value) in zip(histogram.bounds, histogram.counts) {
        count += value
        line(name + "_bucket", labels, count, bound: Self.seconds(bound))
      }
      line(name + "_bucket", labels, histogram.count, bound: "+Inf")
      line(name + "_sum", labels, Double(histogram.sum) / 1e6)
      line(name + "_count", labels, histogram.count)
    }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func line(
    _ name: String, _ labels: Labels, _ value: some Figure, bound: String? = nil
  ) {
    var parts = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
    if let bound { parts.append("le=\"\(bound)\"") }
    text += parts.isEmpty ? name : "\(name){\(parts.joined(separator: ","))}"
    text += " \(value.figure)\n"
  }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { [0x22, 0x5C, 0x0A].contains($0) }) else { return value }
    return value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
  }

  /// - Parameter microseconds: of a bound.
  private static func seconds(_ microseconds: UInt64) -> String {
    (Double(microseconds) / 1e6).figure
  }
}

/// What can stand for a figure.
protocol Figure {
  var figure: String { get }
}

extension Int: Figure { var figure: String { String(self) } }
extension Int64: Figure { var figure: String { String(self) } }
extension UInt64: Figure { var figure: String { String(self) } }
extension Bool: Figure { var figure: String { self ? "1" : "0" } }
extension Double: Figure {
  var figure: String { self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : "\(self)" }
}

/// How often something took how long, in microseconds.
struct Histogram: Sendable {
  /// What the buckets hold at the most, ascending.
  let bounds: [UInt64]
  private(set) var counts: [UInt64]
  private(set) var count: UInt64 = 0
  private(set) var sum: UInt64 = 0

  init(_ bounds: [UInt64]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count)
  }

  mutating func add(_ microseconds: UInt64) {
    count &+= 1
    sum &+= microseconds
    if let bucket = bounds.firstIndex(where: { microseconds <= $0 }) { counts[bucket] &+= 1 }
  }

  /// Adds those of another loop, which have the same bounds.
  mutating func add(_ other: Histogram) {
    count &+= other.count
    sum &+= other.sum
    for index in counts.indices { counts[index] &+= other.counts[index] }
  }
}
