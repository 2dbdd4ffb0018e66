import Domain

/// Decides the widths of a table's columns.
///
/// Where the line is too narrow, texts give way first, the widest before the others and what a row
/// is called last, then times, down to their dates, then the headers of numbers and yes or no.
/// Numbers are never cut: they would be other numbers. What still doesn't fit leaves from the right.
struct TableLayout {
  /// A column as it was measured.
  struct Measure {
    let kind: Column.Kind
    /// Whether rows are called by it.
    let isName: Bool
    let header: Int
    /// The widest value.
    var content = 0

    var natural: Int { max(header, content) }
  }

  /// Cells between two columns.
  static let gap = 2

  /// Of the columns that are shown, which are the first ones.
  let widths: [Int]
  /// Whether some aren't, and there is room to say so.
  let hasMark: Bool
  /// Whether numbers are cut too, because a single column is wider than the terminal.
  let cutsNumbers: Bool

  /// - Parameters:
  ///   - available: cells of a line, nil for as many as it takes.
  ///   - markWidth: cells that tell of columns that aren't shown.
  init(_ measures: [Measure], available: Int?, markWidth: Int) {
    guard let available, Self.total(measures.map(\.natural)) > available else {
      (widths, hasMark, cutsNumbers) = (measures.map(\.natural), false, false)
      return
    }
    for squeeze in Squeeze.all {
      if let widths = Self.fill(measures, squeeze, available) {
        (self.widths, hasMark, cutsNumbers) = (widths, false, false)
        return
      }
    }
    // At least one column is shown, and cut, if need be, whatever it holds.
    var shown = measures.prefix(max(1, measures.count - 1))
    let room = available - Self.gap - markWidth
    while shown.count > 1 {
      if let widths = Self.fill(Array(shown), Squeeze.all[Squeeze.all.count - 1], room) {
        (self.widths, hasMark, cutsNumbers) = (widths, true, false)
        return
      }
      shown.removeLast()
    }
    hasMark = measures.count > 1 && room > 0
    let width = hasMark ? room : available
    widths = shown.map { min($0.natural, width) }
    cutsNumbers = true
  }

  /// How far columns may be made narrower.
  private struct Squeeze {
    /// What a text keeps at least.
    let text: Int
    /// Whether times are shown as dates, which have ten characters.
    let shortensTimes: Bool
    /// What the header of a number, or of yes and no, keeps at least.
    let header: Int

    /// What a row is called keeps this at least.
    private static let name = 16

    static let all = [
      Squeeze(text: 16, shortensTimes: false, header: .max),
      Squeeze(text: 10, shortensTimes: true, header: .max),
      Squeeze(text: 8, shortensTimes: true, header: 6),
    ]

    func widest(_ measure: Measure) -> Int {
      switch measure.kind {
      case .text, .list: measure.natural
      case .time: shortensTimes ? min(measure.natural, 10) : measure.natural
      case .bool, .int: max(measure.content, min(measure.header, header))
      }
    }

    func narrowest(_ measure: Measure) -> Int {
      switch measure.kind {
      case .text, .list: min(measure.natural, measure.isName ? Self.name : text)
      case .time, .bool, .int: widest(measure)
      }
    }
  }

  /// Widths that take up what is available, nil where even the narrowest don't fit.
  private static func fill(
    _ measures: [Measure], _ squeeze: Squeeze, _ available: Int
  ) -> [Int]? {
    let floors = measures.map(squeeze.narrowest)
    guard total(floors) <= available else { return nil }
    var widths = measures.map { min(squeeze.widest($0), available) }
    // Cell by cell from the widest, so that texts that are shorter anyway lose nothing.
    while total(widths) > available {
      let yielding = widths.indices.filter { widths[$0] > floors[$0] }
      guard let widest = yielding.max(by: { widths[$0] < widths[$1] }) else { return nil }
      widths[widest] -= 1
    }
    return widths
  }

  /// The widths for a row that may hold a number wider than those that were measured, as ids grow
  /// along a list: the widest other column makes room for it.
  func widths(for cells: [TableCell], _ columns: [Column], available: Int) -> [Int] {
    let isNumber = { columns[$0].kind == .int && !cutsNumbers }
    let wider = widths.indices.filter { isNumber($0) && cells[$0].width > widths[$0] }
    guard !wider.isEmpty else { return widths }
    var result = widths
    for index in wider { result[index] = cells[index].width }
    while Self.total(result) > available {
      let yielding = result.indices.filter { columns[$0].kind != .int && result[$0] > 1 }
      guard let widest = yielding.max(by: { result[$0] < result[$1] }) else { break }
      result[widest] -= 1
    }
    return result
  }

  private static func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + gap * max(0, widths.count - 1)
  }
}
