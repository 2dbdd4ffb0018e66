import AdminKit
import Domain

/// What stands around every page for those who are signed in.
struct Shell {
  let visit: Visit
  var status = 200
  let title: String
  /// Where the page stands, from the noun on.
  var trail: [(name: String, address: Address)] = []
  /// What does the same in a terminal.
  var command: String?
  let body: HTML

  func response() -> Response {
    WebPage(
      status: status, title: "\(title) · havocctl", scripts: ["dashboard.js"], body: html
    ).response
  }

  private var html: HTML {
    """
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
    <a class="brand" href="\(Dashboard.root)">havocctl</a>
    <form method="post" action="\(Dashboard.root)sign-out/" class="who">\(visit.csrfField)
    <span>\(visit.caller.username)\(visit.mayChange ? "" : " (may look, not change)")</span>
    <button type="submit">Sign out</button></form>
    </header>
    <div class="columns">
    <nav aria-label="Nouns"><details class="menu" open><summary>Menu</summary><ul>
    \(link("Overview", Dashboard.root, isCurrent: trail.isEmpty))
    \(Resource.all.map { resource in
      link(
        resource.title, Dashboard.address(resource).text,
        isCurrent: trail.first?.address.path == Dashboard.address(resource).path)
    })</ul></details></nav>
    <main id="main">
    \(trail.isEmpty ? HTML.empty : breadcrumbs)
    <h1>\(title)</h1>
    \(body)
    \(command.map(Self.commandBox))
    </main>
    </div>
    """
  }

  private func link(_ name: String, _ address: String, isCurrent: Bool) -> HTML {
    """
    <li><a href="\(address)"\(isCurrent ? " aria-current=\"page\"" : "" as HTML)>\(name)</a></li>

    """
  }

  private var breadcrumbs: HTML {
    """
    <nav class="trail" aria-label="Where you are"><ol>
    <li><a href="\(Dashboard.root)">Overview</a></li>
    \(trail.map { "<li><a href=\"\($0.address)\">\($0.name)</a></li>\n" as HTML })</ol></nav>
    """
  }

  private static func commandBox(_ line: String) -> HTML {
    """
    <aside class="command" aria-label="The same in a terminal"><h2>In a terminal</h2>
    <pre tabindex="0"><code>\(line)</code></pre></aside>
    """
  }
}

extension Resource {
  /// What its list is headed with.
  var title: String { plural.capitalizedFirst }
}

extension Visit {
  /// What couldn't be done, as a page.
  func refusal(_ refusal: Refusal) -> Response {
    let answer = ErrorMap.response(refusal, .page).response
    var response = Shell(
      visit: self, status: answer.status, title: Notice.title(answer.status),
      body: Notice.bad(refusal.message)
    ).response()
    response.headers += answer.headers.filter { ["Retry-After", "Allow"].contains($0.name) }
    return response
  }
}

/// A sentence that stands out.
enum Notice {
  static func bad(_ text: String, hint: String? = nil) -> HTML {
    """
    <p class="notice bad" role="alert">\(text)\(hint.map { "<br><small>\($0)</small>" as HTML })</p>
    """
  }

  static func good(_ text: String) -> HTML {
    "<p class=\"notice good\" role=\"status\">\(text)</p>"
  }

  static func plain(_ text: String) -> HTML {
    "<p class=\"notice\" role=\"status\">\(text)</p>"
  }

  /// What a status means to a person.
  static func title(_ status: Int) -> String {
    switch status {
    case 401: "Not signed in"
    case 403: "Not permitted"
    case 404: "Not there"
    case 405: "Not possible here"
    case 409: "It has changed"
    case 413: "Too large"
    case 429: "Too many attempts"
    case 503: "Not now"
    case 500: "It failed"
    default: "It can't be done"
    }
  }
}

extension Speech {
  /// To a person, as a page.
  static let page: Speech = {
    var speech = Speech(
      dialect: nil, refusal: { status, refusal in page(status, refusal.message) }, failure: page)
    speech.headers = WebPage.headers
    return speech
  }()

  @Sendable private static func page(_ status: Int, _ reason: String) -> [UInt8] {
    let title = Notice.title(status)
    return WebPage(
      status: status, title: "\(title) · havocctl",
      body: """
        <main class="narrow" id="main"><h1>\(title)</h1>\(Notice.bad(reason))
        <p><a href="\(Dashboard.root)">To the dashboard</a></p></main>
        """
    ).bytes
  }
}
