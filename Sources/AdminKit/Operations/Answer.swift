import Domain
import Postgres

/// Where an operation's rows go.
protocol AnswerOutput {
  func begin() throws
  func row(_ values: [Value]) throws
  /// Shows the rows so far.
  func flush() throws
  func end() throws
  /// Ends it without what is still to come.
  func abandon()
}

/// Takes an operation's rows: kept back while a transaction may still be rolled back, and shown at
/// once otherwise.
actor Answer {
  private let render: @Sendable ([Column], Shape) -> any AnswerOutput
  private let isHeldBack: Bool
  private let chosenColumns: [String]?
  private let wide: Bool

  private var columns: [Column] = []
  private var shape = Shape.many
  private var indices: [Int] = []
  /// Whether rows are shown as they come.
  private var isWhole = true
  private var held: [[Value]] = []
  private var output: (any AnswerOutput)?
  private var hasBegun = false
  private(set) var changed = 0
  /// How the command ends, where nothing fails.
  private(set) var status = ExitStatus.done
  /// What is said behind the answer, of what it couldn't do.
  private(set) var failure: Failure?

  func end(with status: ExitStatus) { self.status = status }
  func end(with failure: Failure) { self.failure = failure }

  /// What the first row is called, for a question about it.
  var firstName: String {
    guard let first = held.first else { return "" }
    let index = OutputStyle(.name, nameColumn: nameColumn(of: columns)).nameIndex(of: columns)
    switch first[index] {
    case .text(let text): return text
    case .int(let number): return "\(number)"
    default: return ""
    }
  }

  init(
    isHeldBack: Bool, chosenColumns: [String]?, wide: Bool,
    render: @escaping @Sendable ([Column], Shape) -> any AnswerOutput
  ) {
    self.isHeldBack = isHeldBack
    self.chosenColumns = chosenColumns
    self.wide = wide
    self.render = render
  }

  func begin(_ all: [Column], shape: Shape, areChosen: Bool = false) throws {
    hasBegun = true
    self.shape = shape
    if let chosenColumns, !areChosen {
      indices = []
      for name in chosenColumns {
        guard let index = all.firstIndex(where: { $0.key == name }) else {
          throw Failure(noColumn: name, among: all)
        }
        indices.append(index)
      }
    } else {
      let showsAll = areChosen || wide
      indices = all.indices.filter { showsAll || !all[$0].wide }
    }
    columns = indices.map { all[$0] }
    isWhole = indices.elementsEqual(all.indices)
    if !isHeldBack { try start() }
  }

  func row(_ values: [Value], changed: Bool) throws {
    if changed { self.changed += 1 }
    let chosen = isWhole ? values : indices.map { values[$0] }
    if isHeldBack {
      held.append(chosen)
    } else {
      try output?.row(chosen)
    }
  }

  /// Shows what there is so far, in an answer that isn't held back.
  func flush() throws { try output?.flush() }

  /// Ends an answer that failed.
  func abandon() {
    held = []
    output?.abandon()
  }

  /// Shows what was held back and ends the answer.
  func finish() throws {
    guard hasBegun else { return }
    if isHeldBack {
      try start()
      for row in held { try output?.row(row) }
      held = []
    }
    try output?.end()
  }

  private func start() throws {
    output = render(columns, shape)
    try output?.begin()
  }
}
