/// A line over time, drawn here. Its colours are the style sheet's, for light and for dark.
struct Chart {
  struct Series {
    let name: String
    /// From the oldest; nil where nothing is known.
    let values: [Int64?]
  }

  let title: String
  let series: [Series]
  /// What stands below the left end, the middle and the right end.
  let times: [String]

  private static let width = 480
  private static let height = 150
  private static let left = 44
  private static let top = 10
  private static let bottom = 126

  private var id: String { "chart-" + title.lowercased().replacing(" ", with: "-") }

  var html: HTML {
    """
    <figure><figcaption id="\(id)">\(title)</figcaption>\(series.count > 1 ? legend : nil)
    <svg class="chart" viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-labelledby="\(id) \
    \(id)-text">
    <desc id="\(id)-text">\(description)</desc>
    \(grid)\(labels)
    \(series.enumerated().flatMap { lines(of: $1, number: $0 + 1) })
    </svg></figure>

    """
  }

  private var legend: HTML {
    """
    <ul class="legend" aria-hidden="true">\(series.enumerated().map { number, series in
      """
      <li><svg class="chart key" width="28" height="10" aria-hidden="true">\
      <line class="series-\(number + 1)" x1="0" y1="5" x2="28" y2="5"/></svg> \(series.name)</li>
      """ as HTML
    })</ul>
    """
  }

  private var description: String {
    series.map { series in
      let known = series.values.compactMap { $0 }
      guard let most = known.max(), let last = known.last else {
        return "\(series.name): nothing is known."
      }
      return "\(series.name): at most \(most), last \(last)."
    }.joined(separator: " ")
  }

  // MARK: Scale

  /// The highest of the scale: 1, 2 or 5 and zeros.
  private var ceiling: Int64 {
    let most = series.flatMap(\.values).compactMap { $0 }.max() ?? 0
    var step: Int64 = 1
    while step < Int64.max / 10 {
      for factor in [1, 2, 5] as [Int64] where most <= step * factor { return step * factor }
      step *= 10
    }
    return .max
  }

  private func y(_ value: Int64) -> Int {
    let share = Double(value) / Double(ceiling)
    return Self.bottom - Int((share * Double(Self.bottom - Self.top)).rounded())
  }

  private func x(_ index: Int, of count: Int) -> Int {
    Self.left + index * (Self.width - Self.left - 6) / max(1, count - 1)
  }

  private var grid: HTML {
    let values = ceiling > 1 ? [0, ceiling / 2, ceiling] : [0, ceiling]
    return """
      \(values.map { value in
        """
        <line class="grid" x1="\(Self.left)" x2="\(Self.width - 6)" y1="\(y(value))" y2="\(y(value))"/>
        <text x="\(Self.left - 6)" y="\(y(value) + 4)" text-anchor="end">\(Self.short(value))</text>

        """ as HTML
      })
      """
  }

  private var labels: HTML {
    let anchors: [HTML] = ["start", "middle", "end"]
    return """
      \(zip(times, anchors).enumerated().map { index, label in
        """
        <text x="\(x(index, of: 3))" y="\(Self.height - 6)" text-anchor="\(label.1)">\(label.0)</text>

        """ as HTML
      })
      """
  }

  /// `1.5k` for 1,500.
  static func short(_ value: Int64) -> String {
    for (size, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")]
      as [(Int64, String)]
    where value >= size {
      let tenths = value / (size / 10)
      return tenths.isMultiple(of: 10)
        ? "\(tenths / 10)\(letter)" : "\(tenths / 10).\(tenths % 10)\(letter)"
    }
    return "\(value)"
  }

  // MARK: Lines

  /// A line for each stretch in which something is known; a point alone is a short line.
  private func lines(of series: Series, number: Int) -> [HTML] {
    var stretches: [[String]] = [[]]
    for (index, value) in series.values.enumerated() {
      if let value {
        stretches[stretches.count - 1].append("\(x(index, of: series.values.count)),\(y(value))")
      } else if stretches.last?.isEmpty == false {
        stretches.append([])
      }
    }
    return stretches.filter { !$0.isEmpty }.map { points in
      let all = points.count == 1 ? points + points : points
      return """
        <polyline class="series-\(number)" stroke-linecap="round" points="\(all.joined(separator: " "))"/>

        """
    }
  }
}
