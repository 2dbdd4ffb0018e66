/// The manual's pages, rendered from the registry and the settings.
public struct Manual: Sendable {
  /// A page: its name, its section, its text.
  public struct Page: Sendable {
    public let name: String
    public let section: Int
    public let text: String
  }

  private let registry: Registry
  /// The manual changes with the program, so it bears the program's date.
  private static let date = "November 21, 2026"

  public init(_ registry: Registry) { self.registry = registry }

  /// Every page.
  public var pages: [Page] {
    [overview, serve, configuration]
      + registry.nouns.filter { $0 != ServeOperation.noun }.map(noun)
  }

  private func begin(_ name: String, _ section: Int, _ summary: String) -> Mdoc {
    var page = Mdoc()
    page.macro("Dd", Self.date)
    page.macro("Dt", name.uppercased(), "\(section)")
    page.macro("Os")
    page.macro("Sh", "NAME")
    page.macro("Nm", name)
    page.macro("Nd", summary)
    return page
  }

  private var overview: Page {
    var page = begin("havocctl", 1, "serve and administer five REST dialects")
    page.macro("Sh", "SYNOPSIS")
    page.macro("Nm", "havocctl")
    page.macro("Ar", "noun")
    page.macro("Op", "Ar verb")
    page.macro("Op", "Ar argument ...")
    page.macro("Op", "Fl -option ...")
    page.macro("Sh", "DESCRIPTION")
    page.paragraphs(
      """
      Each command works on the database directly, with no server running, and what it changes
      holds in running servers at once.
      """)
    page.terms(
      registry.operations.map { (".Ic".dropFirst() + " " + Mdoc.argument($0.usage), $0.summary) })
    page.macro("Sh", "OPTIONS")
    page.line("These stand anywhere on the line; so does every setting of havocctl.conf(5).")
    page.terms(GlobalOptions.options.map(Self.term))
    exitStatus(&page)
    seeAlso(
      &page, of: "havocctl",
      others: registry.nouns.filter { $0 != ServeOperation.noun }.map { "havocctl-\($0)" })
    return Page(name: "havocctl", section: 1, text: page.text)
  }

  private func noun(_ noun: String) -> Page {
    let operations = registry.verbs(of: noun)
    let name = "havocctl-\(noun)"
    var page = begin(name, 1, registry.summary(of: noun).lowercasedFirst)
    page.macro("Sh", "SYNOPSIS")
    for operation in operations {
      page.macro("Nm", "havocctl")
      page.line(operation.usage)
    }
    page.macro("Sh", "DESCRIPTION")
    for operation in operations { describe(operation, &page) }
    page.macro("Pp")
    page.line("Options that every command takes are in havocctl(1).")
    exitStatus(&page)
    page.examples(operations.flatMap(\.examples))
    seeAlso(&page, of: name)
    return Page(name: name, section: 1, text: page.text)
  }

  private func describe(_ operation: Operation, _ page: inout Mdoc) {
    page.macro("Ss", operation.usage)
    page.line(operation.summary + ".")
    if !operation.allDetails.isEmpty {
      page.macro("Pp")
      page.paragraphs(operation.allDetails)
    }
    let terms =
      operation.arguments.map { ("Ar \(Mdoc.argument($0.name))", $0.help) }
      + operation.options.map(Self.term)
    if !terms.isEmpty { page.terms(terms) }
    if !operation.words.isEmpty {
      page.macro("Pp")
      page.line("Commands of its own:")
      page.terms(operation.words.map { ("Ic \(Mdoc.argument($0.word))", $0.meaning) })
    }
    if !operation.columns.isEmpty {
      page.macro("Pp")
      let names = operation.columns.map { $0.wide ? "[\($0.key)]" : $0.key }
      page.line("Columns: " + names.joined(separator: ", ") + ".")
    }
  }

  private var serve: Page {
    var page = begin("havocctl-serve", 8, "serve the dialects")
    page.macro("Sh", "SYNOPSIS")
    page.macro("Nm", "havocctl")
    page.line("serve [options]")
    page.macro("Sh", "DESCRIPTION")
    if let operation = registry.find("serve", nil) {
      page.paragraphs(operation.allDetails)
      page.terms(operation.options.map(Self.term))
      page.line("Every setting of havocctl.conf(5) is an option too.")
    }
    page.macro("Ss", "Signals")
    page.terms([
      ("Dv SIGTERM , SIGINT", "accept nothing more, finish what runs, and end; twice, end at once"),
      ("Dv SIGHUP", "noted in the log"),
    ])
    exitStatus(&page)
    page.examples(registry.find("serve", nil)?.examples ?? [])
    seeAlso(&page, of: "havocctl-serve")
    return Page(name: "havocctl-serve", section: 8, text: page.text)
  }

  private var configuration: Page {
    var page = begin("havocctl.conf", 5, "settings of havocctl")
    page.macro("Sh", "DESCRIPTION")
    page.paragraphs(
      """
      One setting a line, a key, an equals sign and a value. A line that begins with # is a
      comment. A value may stand in double quotes.

      An option on the command line wins over the environment, the environment over the file.
      """)
    page.terms(
      Setting.all.map { setting in
        let fallback = setting.fallback.isEmpty ? "nothing" : setting.fallback
        let file = setting.isSecret ? "; in a file of its own with \(setting.key)-file" : ""
        let words = "\(setting.description) (default: \(fallback)); \(setting.variable)\(file)"
        return ("Ic \(setting.key)", words)
      })
    page.macro("Sh", "FILES")
    page.terms([("Pa \(Configuration.defaultFile)", "read unless another is named")])
    seeAlso(&page, of: "havocctl.conf")
    return Page(name: "havocctl.conf", section: 5, text: page.text)
  }

  private func exitStatus(_ page: inout Mdoc) {
    page.macro("Sh", "EXIT STATUS")
    page.terms(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
  }

  /// The program's own page, its server's and psql's, and others of section 1.
  private func seeAlso(_ page: inout Mdoc, of name: String, others: [String] = []) {
    let pages =
      (["havocctl", "psql"] + others).map { ($0, "1") } + [
        ("havocctl.conf", "5"), ("havocctl-serve", "8"),
      ]
    let named = pages.filter { $0.0 != name }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    page.macro("Sh", "SEE ALSO")
    for (index, entry) in named.enumerated() {
      let isLast = index == named.count - 1
      if isLast {
        page.macro("Xr", entry.0, entry.1)
      } else {
        page.macro("Xr", entry.0, entry.1, ",")
      }
    }
  }

  private static func term(_ option: Option) -> (term: String, words: String) {
    var term = "Fl -\(option.name)"
    if let short = option.short { term = "Fl \(short) , " + term }
    if let value = option.value { term += " Ar \(Mdoc.argument(value))" }
    return (term, option.help)
  }
}

extension String {
  /// As it stands behind a page's name.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
