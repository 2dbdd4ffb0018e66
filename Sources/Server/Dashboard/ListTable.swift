import AdminKit
import Domain
import Postgres

/// The rows of a list, with what can be done to those that are chosen.
struct ListTable {
  private let visit: Visit
  private let resource: Resource
  private let asked: ListAsked
  private let answer: CollectedAnswer
  /// The list's own.
  private let address: Address
  private let columns: ArraySlice<Column>
  /// Where a row has what its address takes, and what an operation takes.
  private let key: Int?
  private let word: Int?
  /// Operations that take several of them.
  private let operations: [AdminKit.Operation]
  /// What is done to one at once: the operation, its argument, its address.
  private let shortcut: (operation: AdminKit.Operation, argument: String, address: String)?

  /// - Parameter shown: how many of the columns are.
  init(
    _ visit: Visit, _ resource: Resource, _ asked: ListAsked, shown: Int,
    _ answer: CollectedAnswer, at address: Address
  ) {
    self.visit = visit
    self.resource = resource
    self.asked = asked
    self.answer = answer
    self.address = address
    columns = answer.columns.prefix(shown)
    key = answer.columns.firstIndex { $0.key == resource.key }
    word = answer.columns.firstIndex { $0.key == resource.word }
    operations = Self.operations(visit, resource, address)
    shortcut = Self.shortcut(visit, resource)
  }

  var html: HTML {
    guard !answer.rows.isEmpty else { return "<p class=\"empty\">Nothing is here.</p>" }
    return """
      <form method="post" class="list" action="\(address.path)">\(visit.csrfField)
      \(HTML.hidden(OperationPage.Name.preview, "1"))
      <div class="scroll" role="region" aria-label="\(resource.title)" tabindex="0"><table>
      <caption class="hidden">\(resource.title)</caption>
      <thead><tr>\(chooses ? Self.chooseAll : nil)\(shortcutHeading)\(headings)</tr></thead>
      <tbody>
      \(answer.rows.enumerated().map { row($1, number: $0) })</tbody></table></div>
      \(bulk)
      </form>
      \(shortcut == nil ? nil : now)
      """
  }

  // MARK: Headings

  private static let chooseAll: HTML = """
    <th class="choose"><input type="checkbox" data-choose-all aria-label="Choose all" disabled></th>
    """

  private var headings: HTML {
    let sorted = asked.sort.first ?? ""
    return """
      \(columns.map { column in
        let isDown = sorted == "-" + column.key
        let isUp = sorted == column.key
        let next = isUp ? "-" + column.key : column.key
        let order: HTML =
          isUp ? " aria-sort=\"ascending\"" : isDown ? " aria-sort=\"descending\"" : ""
        let mark = isUp ? " ▲" : isDown ? " ▼" : ""
        return """
          <th scope="col"\(order)\(Cells.css(column))>\
          <a href="\(address.with(ListAsked.Name.sort, next))">\(Cells.title(column))\(mark)</a></th>
          """ as HTML
      })
      """
  }

  // MARK: Rows

  private func row(_ row: [Value], number: Int) -> HTML {
    let link = Dashboard.address(resource, key.map { FormField.text(of: row[$0]) })
    let word = word.map { FormField.text(of: row[$0]) } ?? ""
    let cells = zip(columns, row).enumerated().map { index, pair in
      let (column, value) = pair
      let content: HTML =
        index == 0 || column.isName
        ? "<a href=\"\(link)\">\(Cells.html(value))</a>" : Cells.html(value)
      return "<td\(Cells.css(column))>\(content)</td>" as HTML
    }
    return """
      <tr>\(chooses ? choice(word, number) : nil)\(shortcutCell(word))\(cells)</tr>

      """
  }

  private func choice(_ word: String, _ number: Int) -> HTML {
    """
    <td class="choose"><input type="checkbox" name="\(OperationPage.Name.pick)\(1_000 + number)" value="\(word)" \
    aria-label="Choose \(word)"></td>
    """
  }

  // MARK: What is done to several

  private static func operations(
    _ visit: Visit, _ resource: Resource, _ address: Address
  ) -> [AdminKit.Operation] {
    // Nobody restores what is there.
    let asksForDeleted = address.items.contains { $0.name == "deleted" }
    return visit.registry.operations.filter { operation in
      guard operation.changes, visit.offers(operation),
        let argument = visit.registry.argument(of: operation, for: resource),
        argument.arity == .many || argument.arity == .any,
        argument.kind != .live(.deletedUser) || asksForDeleted
      else { return false }
      return true
    }
  }

  private var chooses: Bool { !operations.isEmpty }

  private var bulk: HTML {
    guard chooses else { return .empty }
    return """
      <fieldset class="bulk"><legend>With those that are chosen</legend>
      \(operations.map { operation in
        """
        <button type="submit" formaction="\(Self.address(of: operation, visit))">\
        \(operation.title(beside: resource))</button>

        """ as HTML
      })</fieldset>
      """
  }

  static func address(of operation: AdminKit.Operation, _ visit: Visit) -> Address {
    let plural = visit.registry.resource(of: operation.noun)?.plural ?? operation.noun
    return Dashboard.address(plural: plural, operation.verb)
  }

  // MARK: What is done to one at once

  private static func shortcut(
    _ visit: Visit, _ resource: Resource
  ) -> (operation: AdminKit.Operation, argument: String, address: String)? {
    guard visit.mayChange, let verb = resource.shortcut,
      let operation = visit.registry.find(resource.noun, verb),
      let argument = visit.registry.argument(of: operation, for: resource)
    else { return nil }
    return (operation, argument.name, address(of: operation, visit).text)
  }

  private static let formID = "now"

  /// The form that the buttons in the rows belong to: forms don't stand in each other.
  private var now: HTML {
    """
    <form method="post" id="\(Self.formID)" action="\(address.path)">\(visit.csrfField)
    \(HTML.hidden(OperationPage.Name.confirm, "1"))
    \(HTML.hidden(OperationPage.Name.back, address.text))</form>
    """
  }

  private var shortcutHeading: HTML? {
    shortcut.map { "<th scope=\"col\">\($0.operation.title)</th>" }
  }

  private func shortcutCell(_ word: String) -> HTML? {
    shortcut.map { operation, argument, address in
      """
      <td><button type="submit" form="\(Self.formID)" name="\(argument)" value="\(word)" \
      formaction="\(address)" \
      aria-label="\(operation.title) \(word)">\(operation.title)</button></td>
      """
    }
  }
}
