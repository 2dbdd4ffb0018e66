import AdminKit
import Domain
import Postgres

/// The first page: how much there is, what went on, and what was done last.
enum Overview {
  /// How far back the pictures go, and in what pieces.
  private struct Range {
    let name: String
    let hours: Int
    /// Of one piece.
    let minutes: Int
    let middle: String

    var count: Int { hours * 60 / minutes }
  }

  private static let ranges = [
    Range(name: "hour", hours: 1, minutes: 2, middle: "30 min ago"),
    Range(name: "day", hours: 24, minutes: 20, middle: "12 h ago"),
    Range(name: "week", hours: 168, minutes: 120, middle: "3½ days ago"),
  ]

  private static let recent = 10

  @Sendable static func show(_ visit: Visit) async throws -> Response {
    let asked = visit.values["range"]?.last
    let range = ranges.first { $0.name == asked } ?? ranges[1]
    let database = visit.database
    async let totals = Totals.read(visit.context.services.standby)
    async let points = Samples(database).points(hours: range.hours, minutes: range.minutes)
    async let records = newestRecords(database)
    return Shell(
      visit: visit, title: "Overview", command: "havocctl status",
      body: """
        \(figures(try await totals))
        <h2>The last \(range.name)</h2>
        \(choices(range))
        \(pictures(try await points, range))
        <h2>Done last</h2>
        \(Cells.table(try await records, caption: "The newest records"))
        <p><a href="\(Dashboard.address(plural: "audit"))">All records</a></p>
        """
    ).response()
  }

  private static func newestRecords(_ database: any Querying) async throws -> CollectedAnswer {
    var request = ListRequest()
    request.limit = recent
    let query = try Audit.listing.query(request)
    return CollectedAnswer(list: query.columns, try await query.rows(from: database))
  }

  // MARK: Numbers

  private static func figures(_ totals: Totals) -> HTML {
    """
    <dl class="figures">\(figure("Users", totals.accounts, "users"))\
    \(figure("Live sessions", totals.sessions, "sessions"))\
    \(figure("Open sockets", totals.sockets, nil))\
    \(figure("Live streams", totals.streams, "streams"))\
    \(figure("Bans", totals.bans, "bans"))\
    \(figure("Mail waiting", totals.mail, "mail"))\
    \(figure("Servers", "\(totals.servers)"))\
    \(figure("Requests a second", "\(totals.requestsPerSecond)"))\
    \(figure("STUN a second", "\(totals.stunPerSecond)"))</dl>
    """
  }

  private static func figure(_ name: String, _ count: Totals.Count, _ plural: String?) -> HTML {
    let text = (count.isExact ? "" : "≈ ") + grouped(count.value)
    guard let plural else { return figure(name, "\(text)") }
    return figure(name, "<a href=\"\(Dashboard.address(plural: plural))\">\(text)</a>")
  }

  private static func figure(_ name: String, _ value: HTML) -> HTML {
    "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n"
  }

  /// `12,345`.
  private static func grouped(_ value: Int64) -> String {
    var text = ""
    let digits = Array(String(value))
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  // MARK: Pictures

  private static func choices(_ chosen: Range) -> HTML {
    """
    <ul class="links">\(ranges.map { range in
      let mark: HTML = range.name == chosen.name ? " aria-current=\"true\"" : ""
      let address = Address(Dashboard.root).with("range", range.name)
      return "<li><a href=\"\(address)\"\(mark)>The last \(range.name)</a></li>\n" as HTML
    })</ul>
    """
  }

  private static let kinds: [(name: String, value: KeyPath<Samples.Point, Int64> & Sendable)] = [
    ("Requests", \.requests), ("Sign-ins", \.signIns), ("Failures", \.signInFailures),
    ("Sockets", \.sockets), ("Streams", \.streams), ("STUN", \.stun),
  ]

  private static func pictures(_ points: [Samples.Point], _ range: Range) -> HTML {
    let times = ["a \(range.name) ago", range.middle, "now"]
    func series(_ name: String) -> Chart.Series {
      var values = [Int64?](repeating: nil, count: range.count)
      for kind in kinds where kind.name == name {
        for point in points where values.indices.contains(point.index) {
          values[point.index] = point[keyPath: kind.value]
        }
      }
      return Chart.Series(name: name, values: values)
    }
    let charts = [
      ("Requests", ["Requests"]), ("Sign-ins and failures", ["Sign-ins", "Failures"]),
      ("Open sockets", ["Sockets"]), ("Streams", ["Streams"]), ("STUN requests", ["STUN"]),
    ].map { title, names in Chart(title: title, series: names.map(series), times: times).html }
    return """
      <div class="charts">\(charts)</div>
      <details><summary>The same as a table</summary>
      <div class="scroll" role="region" aria-label="The same as a table" tabindex="0"><table>
      <caption>Counted in pieces of \(range.minutes) minutes</caption>
      <thead><tr><th scope="col">Minutes ago</th>\(kinds.map {
        "<th scope=\"col\" class=\"number\">\($0.name)</th>" as HTML
      })</tr></thead>
      <tbody>\(points.reversed().map { point in
        """
        <tr><td>\((range.count - point.index) * range.minutes)</td>\(kinds.map {
          "<td class=\"number\">\(point[keyPath: $0.value])</td>" as HTML
        })</tr>

        """ as HTML
      })</tbody></table></div></details>
      """
  }
}
