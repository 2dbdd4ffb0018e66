import AdminKit
import Domain
import Postgres

/// One thing: all that is known of it, what can be done with it, and what was done to it.
enum ThingPage {
  /// Records of its history that are shown.
  private static let recent = 20

  static func show(_ visit: Visit) async throws -> Response {
    let resource = try visit.resource()
    let thing = try await Thing.find(
      resource, resource.key, visit.context.path.texts[1], in: visit.database)
    let history = try await history(of: thing, visit)
    let values = zip(thing.columns, thing.values).map { column, value in
      (column, thing.resource.noun == "user" ? Cells.html(value) : cell(column, value))
    }
    return Shell(
      visit: visit, title: thing.name,
      trail: [
        (resource.title, Dashboard.address(resource)), (thing.name, thing.address),
      ],
      command: command(thing, visit),
      body: """
        \(Flash.html(visit.values))
        \(actions(thing, visit))
        \(Cells.list(values))
        \(related(thing, visit))
        \(history)
        """
    ).response()
  }

  private static func command(_ thing: Thing, _ visit: Visit) -> String? {
    let registry = visit.registry
    if let show = registry.find(thing.resource.noun, "show"), !show.isCommandLineOnly,
      let argument = show.arguments.first
    {
      var arguments = Arguments()
      arguments.give(argument.name, [thing.word])
      var global = GlobalOptions()
      global.wide = true
      return Command(show, arguments, global).line
    }
    guard let list = registry.find(thing.resource.noun, "list") else { return nil }
    var global = GlobalOptions()
    global.filters = [Filter(thing.resource.key, .equal, thing[thing.resource.key])]
    global.wide = true
    var arguments = Arguments()
    // Also one that is over.
    if list.options.contains(where: { $0.name == "all" }) { arguments.set("all") }
    return Command(list, arguments, global).line
  }

  /// A value, with a way to what it names.
  private static func cell(_ column: Column, _ value: Value) -> HTML {
    let shown = Cells.html(value)
    guard case .text(let text) = value else { return shown }
    let address: Address? =
      switch column.key {
      case "username", "initiator", "receiver", "actor":
        users(named: text)
      case "session" where text.count == 36:
        Dashboard.address(plural: "sessions", text)
      default: nil
      }
    return address.map { "<a href=\"\($0)\">\(shown)</a>" } ?? shown
  }

  private static func users(named name: String) -> Address {
    Dashboard.address(plural: "users").with(
      ListAsked.Name.filter, Filter("username", .equal, name).text)
  }

  // MARK: What can be done

  private static func actions(_ thing: Thing, _ visit: Visit) -> HTML {
    let isDeleted = !thing["deleted"].isEmpty
    let links = visit.registry.operations.compactMap { operation -> HTML? in
      guard visit.offers(operation),
        let argument = visit.registry.argument(of: operation, for: thing.resource),
        (argument.kind == .live(.deletedUser)) == isDeleted || operation.verb == "delete"
      else { return nil }
      let address = ListTable.address(of: operation, visit).with(argument.name, thing.word)
      let title = operation.title(beside: thing.resource)
      return "<li><a class=\"button\" href=\"\(address)\">\(title)</a></li>\n"
    }
    return links.isEmpty ? .empty : "<ul class=\"actions\">\(links)</ul>"
  }

  // MARK: What belongs to it

  /// Lists that an option narrows to this thing's.
  private static func related(_ thing: Thing, _ visit: Visit) -> HTML {
    let links = visit.registry.operations.compactMap { operation -> HTML? in
      guard operation.verb == "list", operation.noun != thing.resource.noun,
        let resource = visit.registry.resource(of: operation.noun),
        let option = operation.options.first(where: { option in
          guard case .live(let names) = option.kind else { return false }
          return thing.resource.names.contains(names)
        })
      else { return nil }
      let address = Dashboard.address(resource).with(option.name, thing.word)
      return "<li><a href=\"\(address)\">\(resource.title)</a></li>\n"
    }
    guard !links.isEmpty else { return .empty }
    return "<section><h2>What belongs to it</h2><ul class=\"links\">\(links)</ul></section>"
  }

  // MARK: What was done to it

  private static func history(of thing: Thing, _ visit: Visit) async throws -> HTML? {
    guard let condition = condition(thing) else { return nil }
    var request = ListRequest()
    request.columns = [
      "id", "time", "actor", "address", "what", "target", "result", "before", "after",
    ]
    request.conditions = [condition]
    request.limit = recent
    let rows = try await Audit.listing.query(request).rows(from: visit.database)
    guard !rows.isEmpty else {
      return "<section><h2>History</h2><p class=\"none\">Nothing is on record.</p></section>"
    }
    return """
      <section><h2>History</h2><ol class="history">\(rows.map(record))</ol></section>
      """
  }

  private static func condition(_ thing: Thing) -> Condition? {
    let resource = thing.resource
    switch resource.history {
    case .none: return nil
    case .account: return Audit.history(ofAccount: thing.word, limit: recent)
    case .target(let column):
      return Audit.history(of: thing[column], noun: resource.noun, limit: recent)
    case .owner(let column, let member):
      return Audit.history(
        ofOwner: thing[column], member: member, id: thing[resource.key], limit: recent)
    }
  }

  private static func record(_ row: [Value]) -> HTML {
    let text = row.map(FormField.text(of:))
    let audit = Dashboard.address(plural: "audit", text[0])
    let from: HTML = text[3].isEmpty ? "" : " from \(text[3])"
    let target: HTML = text[5].isEmpty ? "" : " on \(text[5])"
    return """
      <li>\(Cells.html(row[1])) <a href="\(audit)">\(text[4])</a>\(target) by \(text[2])\(from), \
      \(text[6])\(change("before", text[7]))\(change("after", text[8]))</li>

      """
  }

  private static func change(_ name: String, _ json: String) -> HTML {
    json.isEmpty ? "" : " <span class=\"change\">\(name) <code>\(json)</code></span>"
  }
}
