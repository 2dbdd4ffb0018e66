import AdminKit
import Domain
import Postgres

/// A noun's list.
struct NounPage {
  private let visit: Visit
  private let resource: Resource
  private let list: AdminKit.Operation
  private let form: OperationForm
  private let filled: OperationForm.Filled
  private let values: [String: [String]]
  private let asked: ListAsked
  /// Columns that are shown, and those that tell which thing a row is.
  private let shown: [String]

  /// Whether pages of their own stand for an operation.
  static func shows(_ operation: AdminKit.Operation) -> Bool {
    ["list", "show"].contains(operation.verb)
  }

  @Sendable static func show(_ visit: Visit) async throws -> Response {
    let resource = try visit.resource()
    guard let list = visit.registry.find(resource.noun, "list"), let form = OperationForm(list)
    else { throw Refusal.notFound("There is no such page.") }
    return try await NounPage(visit, resource, list, form).response()
  }

  private init(
    _ visit: Visit, _ resource: Resource, _ list: AdminKit.Operation, _ form: OperationForm
  ) {
    self.visit = visit
    self.resource = resource
    self.list = list
    self.form = form
    values = visit.values
    filled = form.read(values)
    asked = ListAsked(values)
    let usual =
      resource.columns ?? resource.listing.columns.filter { !$0.wide }.map(\.key)
    shown = asked.columns.isEmpty ? usual : asked.columns
  }

  // MARK: Reading

  /// As the address says it in a terminal.
  private var command: Command {
    var global = GlobalOptions()
    global.filters = asked.filters
    global.sort = asked.sort
    global.search = asked.search.isEmpty ? nil : asked.search
    global.limit = asked.limit
    if !asked.columns.isEmpty { global.columns = asked.columns }
    return Command(list, filled.arguments, global)
  }

  private func read() async throws -> CollectedAnswer {
    var command = self.command
    var columns = shown
    for key in [resource.key, resource.word] where !columns.contains(key) { columns.append(key) }
    command.global.columns = columns
    // One more tells whether there is another page.
    command.global.limit = asked.limit + 1
    command.global.page = asked.page
    return try await visit.runner.collect(command, on: visit.database)
  }

  private func count() async throws -> Int64? {
    guard values[ListAsked.Name.count] != nil else { return nil }
    var command = self.command
    command.global.onlyCounts = true
    command.global.limit = nil
    let answer = try await visit.runner.collect(command, on: visit.database)
    guard case .int(let rows)? = answer.rows.first?.first else { return nil }
    return rows
  }

  private func response() async throws -> Response {
    var faults = asked.faults + filled.faults.map(\.sentence)
    var part = ListPart()
    var total: Int64?
    if faults.isEmpty {
      do {
        part = ListPart(try await read(), asked)
        total = try await count()
      } catch let error as PostgresError where error.sqlState?.isOfValue != true {
        throw error
      } catch {
        let isOfPage = error is PostgresError && asked.page.cursor != nil
        faults.append(
          isOfPage
            ? "This page's address isn't one of this list."
            : Failure(error).message.asSentence)
      }
    }
    let controls = ListControls(
      resource: resource, form: form, asked: asked, values: values, shown: shown)
    let table = ListTable(
      visit, resource, asked, shown: shown.count, part.answer, at: controls.address)
    return Shell(
      visit: visit, status: faults.isEmpty ? 200 : 400, title: resource.title,
      trail: [(resource.title, Dashboard.address(resource))], command: command.line,
      body: """
        \(Flash.html(values))
        \(faults.map { Notice.bad($0) })
        <p class="about">\(Registry.summary(of: resource.noun))</p>
        \(actions)
        \(controls.html)
        \(table.html)
        \(pager(part, total, controls.address))
        """
    ).response()
  }

  /// What can be done that isn't about one of the things.
  private var actions: HTML {
    let operations = visit.registry.verbs(of: resource.noun).filter { operation in
      visit.offers(operation) && visit.registry.argument(of: operation, for: resource) == nil
    }
    guard !operations.isEmpty else { return .empty }
    return """
      <ul class="actions">\(operations.map { operation in
        let address = Dashboard.address(resource, operation.verb)
        return "<li><a class=\"button\" href=\"\(address)\">\(operation.title)</a></li>\n" as HTML
      })</ul>
      """
  }

  private func pager(_ part: ListPart, _ total: Int64?, _ address: Address) -> HTML {
    let count: HTML =
      total.map { "\($0) in all" }
      ?? "<a href=\"\(address.with(ListAsked.Name.count, "1"))\">count all</a>"
    let rows = part.answer.rows.count
    return """
      <nav class="pager" aria-label="Pages"><p>\(rows) \(rows == 1 ? "row" : "rows") shown, \(count)</p>
      \(part.isCut ? Self.cut : nil)
      <p>\(part.previous.map { link("Previous", address.with(ListAsked.Name.previous, $0)) })
      \(part.next.map { link("Next", address.with(ListAsked.Name.next, $0)) })</p></nav>
      """
  }

  private static let cut: HTML = """
    <p>There is more, but what it is sorted by is too long for an address. Sort by another column.</p>
    """

  private func link(_ name: String, _ address: Address) -> HTML {
    let relation = name == "Next" ? "next" : "prev"
    return "<a class=\"button\" href=\"\(address)\" rel=\"\(relation)\">\(name)</a>"
  }
}

/// The rows of a page, and where the pages beside it are.
struct ListPart {
  private(set) var answer = CollectedAnswer()
  private(set) var next: String?
  private(set) var previous: String?
  /// Whether there are pages beside it that no address leads to.
  private(set) var isCut = false

  init() {}

  /// - Parameter answer: with one row more than the page has, where there is one.
  init(_ answer: CollectedAnswer, _ asked: ListAsked) {
    self.answer = answer
    let isBackward = asked.page.direction == .backward
    let hasMore = answer.rows.count > asked.limit
    if hasMore { self.answer.dropLast() }
    if isBackward { self.answer.reverse() }
    let cursors = self.answer.cursors
    let isFirst = isBackward ? !hasMore : asked.page.cursor == nil
    let isLast = isBackward ? false : !hasMore
    if !isLast { next = cursors.last.flatMap(ListAsked.text) }
    if !isFirst { previous = cursors.first.flatMap(ListAsked.text) }
    isCut = (!isLast && next == nil) || (!isFirst && previous == nil)
  }
}

extension AdminKit.Operation {
  /// On a button.
  var title: String {
    let words = (verb == "passwd" ? "set password" : verb ?? noun).replacing("-", with: " ")
    return words.capitalizedFirst
  }

  /// The same beside a noun's things, which may be another's.
  func title(beside resource: Resource) -> String {
    noun == resource.noun ? title : "\(title) \(noun)"
  }
}
