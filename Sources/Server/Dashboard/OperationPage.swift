import AdminKit
import Domain
import Postgres

/// An operation: its form, what it would do, and what it did.
struct OperationPage {
  private let visit: Visit
  private let resource: Resource
  private let form: OperationForm
  private let values: [String: [String]]

  /// Fields that are never carried along in an address.
  static let privateFields = [
    "csrf", Name.confirm, PasswordFields.first, PasswordFields.second, "password",
    "code",
  ]

  enum Name {
    /// The form is to be shown with what it holds, and nothing done.
    static let preview = "preview"
    /// Begins the names of rows that were chosen in a list.
    static let pick = "pick."
    static let confirm = "confirm"
    static let version = "version"
    static let back = "return"
  }

  init(_ visit: Visit, _ resource: Resource, _ form: OperationForm) {
    self.visit = visit
    self.resource = resource
    self.form = form
    var values = visit.values
    let picked = values.filter { $0.key.hasPrefix(Name.pick) }.sorted { $0.key < $1.key }
    if !picked.isEmpty, let argument = form.operation.listArgument {
      values[argument.name, default: []] += picked.flatMap(\.value)
    }
    self.values = values
  }

  private var operation: AdminKit.Operation { form.operation }
  private var address: Address { Dashboard.address(resource, operation.verb) }

  /// The same form with what was filled in.
  private var filledAddress: Address {
    var address = self.address
    for field in form.fields {
      for value in values[field.name] ?? [] { address = address.adding(field.name, value) }
    }
    return address
  }

  /// Whether it shows what a thing has, and takes what is to change.
  private var edits: Bool { operation.verb == "edit" }

  /// The thing that is edited.
  private func thing(in database: any Querying) async throws -> Thing? {
    guard edits, let argument = operation.arguments.first,
      let word = values[argument.name]?.last?.trimmed, !word.isEmpty
    else { return nil }
    // What the operation takes a word for, its noun's show does too.
    guard let show = visit.registry.find(resource.noun, "show") else {
      let isName = Int(word) == nil && resource.listing.columns.contains { $0.key == "name" }
      return try await Thing.find(resource, isName ? "name" : resource.key, word, in: database)
    }
    var arguments = Arguments()
    arguments.give(show.arguments.first?.name ?? argument.name, [word])
    let answer = try await visit.runner.collect(Command(show, arguments), on: database)
    guard let index = answer.columns.firstIndex(where: { $0.key == resource.key }),
      let row = answer.rows.first
    else { return nil }
    return try await Thing.find(
      resource, resource.key, FormField.text(of: row[index]), in: database)
  }

  // MARK: Before

  func show() async throws -> Response {
    if operation.isDangerous { try visit.requireRecentSignIn() }
    let thing = try await thing(in: visit.database)
    var page = FilledForm(values: values)
    if let thing {
      var arguments = Arguments()
      if let argument = operation.arguments.first { arguments.give(argument.name, [thing.word]) }
      page.command = Command(operation, arguments).line
      // A form that comes back is as old as when it was first shown.
      page.version = values[Name.version]?.last ?? thing.version(of: form)
      for (name, value) in thing.fields(of: form) where values[name] == nil {
        page.values[name] = [value]
      }
    }
    let filled = form.read(values)
    page.add(filled.faults)
    if !edits, filled.missing.isEmpty, filled.faults.isEmpty {
      if !operation.changes {
        return try await answer(filled, page)
      }
      if operation.canBeRehearsed, operation.effect == .prunes || !filled.arguments.isEmpty {
        try await rehearse(filled, &page)
      }
    }
    return try await response(page)
  }

  /// What reads answers at once.
  private func answer(_ filled: OperationForm.Filled, _ page: FilledForm) async throws -> Response {
    var page = page
    let command = Command(operation, filled.arguments)
    page.command = command.line
    do {
      page.answer = try await visit.runner.collect(command, on: visit.database)
    } catch {
      try page.add(error)
    }
    return try await response(page)
  }

  /// What would happen, in a transaction that is rolled back.
  private func rehearse(_ filled: OperationForm.Filled, _ page: inout FilledForm) async throws {
    var command = Command(operation, filled.arguments)
    command.global.dryRun = true
    do {
      let answer = try await visit.runner.collect(command, on: visit.database)
      page.rehearsal = answer
      page.confirm = operation.effect == .prunes ? answer.removed : answer.changed
    } catch {
      try page.add(error)
    }
    page.command = confirmed(Command(operation, filled.arguments), page.confirm).line
  }

  /// As the command line wants it: one row by --yes, more by their number.
  private func confirmed(_ command: Command, _ count: Int?) -> Command {
    var command = command
    guard let count, count > 0 else { return command }
    switch operation.effect {
    case .destroys where count == 1, .prunes: command.global.yes = true
    case .destroys, .changes: if count > 1 { command.global.confirm = count }
    default: break
    }
    return command
  }

  // MARK: Doing it

  func submit() async throws -> Response {
    guard operation.changes else { return .seeOther(filledAddress) }
    guard values[Name.preview] == nil else { return try await show() }
    if operation.isDangerous { try visit.requireRecentSignIn() }
    var page = FilledForm(values: values)
    let before = try await thing(in: visit.database)
    page.version = before?.version(of: form)
    let filled = form.read(values, before: before?.fields(of: form))
    var arguments = filled.arguments
    page.add(filled.faults + filled.missing)
    let password = PasswordFields.read(values, operation.password, &arguments, &page)
    guard !page.isWrong else { return try await response(page, status: 400) }
    let count = values[Name.confirm]?.last.flatMap { Int($0) }
    if operation.effect == .prunes {
      try await rehearse(filled, &page)
      guard let count, count == page.confirm else { return try await response(page) }
      page.rehearsal = nil
    }
    var command = Command(operation, arguments, password: password)
    page.command = confirmed(command, count).line
    // It asks by itself, and was answered.
    command.global.yes = operation.effect == .prunes
    do {
      let answer = try await visit.runner.collect(
        command, on: visit.database, agreed: count, first: guardAgainstOthers(before))
      guard answer.wantsConfirmation else { return try await done(answer, page) }
      page.rehearsal = answer
      page.confirm = answer.changed
      page.command = confirmed(command, answer.changed).line
      return try await response(page)
    } catch is Stale {
      return try await stale(page)
    } catch {
      let status = try page.add(error)
      return try await response(page, status: status)
    }
  }

  /// Somebody else changed what the form shows.
  private struct Stale: Error {}

  /// Of two who have the same form open, the second is told. The lock makes one wait for the other,
  /// on every server.
  private func guardAgainstOthers(
    _ thing: Thing?
  ) -> (@Sendable (any Querying) async throws -> Void)? {
    guard let thing, let version = values[Name.version]?.last else { return nil }
    let page = self
    return { database in
      try await database.query(Self.lock, .text(thing.address.text))
      guard let now = try await page.thing(in: database), now.version(of: page.form) == version
      else { throw Stale() }
    }
  }

  private static let lock = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended($1, 6))", .writes)

  private func stale(_ page: FilledForm) async throws -> Response {
    var page = page
    guard let now = try await thing(in: visit.database) else {
      throw Refusal.notFound("It is gone.")
    }
    page.version = now.version(of: form)
    page.faults = [:]
    page.notices = [
      Notice.bad(
        "Somebody else changed this while you had it open. Nothing of yours was saved.",
        hint: "Below are your values, and beside them what is there now. Save again to set yours.")
    ]
    for (name, value) in now.fields(of: form) where (values[name]?.last ?? "") != value {
      guard let field = form.fields.first(where: { $0.name == name }) else { continue }
      page.faults[field.key] = ["There is now: \(value.isEmpty ? "nothing" : value)"]
    }
    return try await response(page, status: 409)
  }

  // MARK: After

  private func done(_ answer: CollectedAnswer, _ page: FilledForm) async throws -> Response {
    let known = Set(resource.listing.columns.map(\.key) + ["changed", resource.key, "id", "level"])
    guard answer.columns.allSatisfy({ known.contains($0.key) }), answer.failure == nil else {
      return result(answer, page)
    }
    var target = Dashboard.address(resource)
    if let back = values[Name.back]?.last, back.hasPrefix(target.path), Dashboard.isOwn(back) {
      target = Address.parsed(back)
    } else if operation.effect != .destroys, answer.rows.count == 1,
      let index = answer.columns.firstIndex(where: { $0.key == resource.key })
    {
      target = Dashboard.address(resource, FormField.text(of: answer.rows[0][index]))
    }
    return .seeOther(Flash.adding(to: target, operation, changed: answer.changed))
  }

  /// What is to be read before it is gone, such as a password that was made.
  private func result(_ answer: CollectedAnswer, _ page: FilledForm) -> Response {
    let isSecret = answer.columns.contains { ["password", "token"].contains($0.key) }
    let notice =
      answer.failure.map { Notice.bad($0.message.asSentence, hint: $0.hint) }
      ?? Notice.good("\(operation.name): done.")
    return shell(
      page, 200,
      """
      \(notice)
      \(isSecret ? Notice.plain("This is shown once. Nobody can show it again.") : nil)
      \(answer.isList
        ? Cells.table(answer, caption: operation.summary)
        : answer.rows.first.map { row in
          Cells.list(zip(answer.columns, row).map { ($0, Cells.html($1)) })
        })
      <p><a class="button" href="\(Dashboard.address(resource))">\(resource.title)</a></p>
      """)
  }

  // MARK: The page

  private func shell(_ page: FilledForm, _ status: Int, _ body: HTML) -> Response {
    Shell(
      visit: visit, status: status, title: operation.summary,
      trail: [(resource.title, Dashboard.address(resource)), (operation.title, address)],
      command: page.command ?? "havocctl \(operation.usage)", body: body
    ).response()
  }

  private func response(_ page: FilledForm, status: Int = 200) async throws -> Response {
    var suggestions: [String: [LiveNames.Found]] = [:]
    for field in form.fields {
      guard case .name(let names) = field.control, [.permission, .group].contains(names) else {
        continue
      }
      suggestions[field.name] = try await names.find("", in: visit.database)
    }
    let fields = form.fields.map { field in
      let isArgument = operation.arguments.contains { $0.name == field.name }
      return FieldHTML(
        field: field, value: (page.values[field.name] ?? []).joined(separator: "\n"),
        faults: page.faults[field.key] ?? [], suggestions: suggestions[field.name] ?? [],
        isFixed: edits && isArgument && page.values[field.name]?.last?.isEmpty == false
      ).html
    }
    return shell(
      page, status,
      """
      \(page.notices)
      \(operation.details.isEmpty ? nil : "<p class=\"about\">\(operation.details)</p>")
      \(page.answer.map { Cells.table($0, caption: "Answer") })
      \(page.rehearsal.map { rehearsal($0, page) })
      <form method="\(operation.changes ? "post" as HTML : "get")" action="\(address)" class="edit"\
      \(edits || operation.effect == .adds ? " data-warn" : "" as HTML)>
      \(operation.changes ? visit.csrfField : nil)
      \(page.version.map { HTML.hidden(Name.version, $0) })\
      \(page.confirm.map { HTML.hidden(Name.confirm, "\($0)") })\
      \(values[Name.back]?.last.map { HTML.hidden(Name.back, $0) })
      <div class="fields">\(fields)\(PasswordFields.html(operation.password, page.faults))</div>
      <p><button type="submit" class="\(operation.effect == .destroys ? "danger" : "primary")">\
      \(buttonTitle(page))</button>
      <a class="button" href="\(Dashboard.address(resource))">Cancel</a></p>
      </form>
      """)
  }

  private func buttonTitle(_ page: FilledForm) -> String {
    if edits { return "Save" }
    guard let count = page.confirm, count > 0 else { return operation.title }
    return "\(operation.title) \(count) \(count == 1 ? "row" : "rows")"
  }

  private func rehearsal(_ answer: CollectedAnswer, _ page: FilledForm) -> HTML {
    let count = page.confirm ?? 0
    let sentence =
      switch count {
      case 0: "Nothing would change."
      case 1: "One row will change. Nothing is done yet."
      default: "\(count) rows will change. Nothing is done yet."
      }
    return """
      <section class="rehearsal"><h2>What will happen</h2><p role="status">\(sentence)</p>
      \(Cells.table(answer, caption: "Rows concerned"))</section>
      """
  }
}

extension AdminKit.Operation {
  /// The argument that takes several.
  fileprivate var listArgument: Argument? {
    arguments.first { $0.arity == .many || $0.arity == .any }
  }

  /// Whether doing it and rolling it back tells what it would do, without telling a secret.
  fileprivate var canBeRehearsed: Bool {
    [.changes, .destroys, .prunes].contains(effect) && password == .none
  }
}

extension CollectedAnswer {
  /// Rows that were pruned, or would be.
  fileprivate var removed: Int {
    guard case .int(let count)? = rows.first?.first else { return 0 }
    return Int(count)
  }
}
