import Domain

/// The API as a page: what the document says, for people, and forms that try it.
///
/// All of it can be read without JavaScript; `docs.js` searches, signs in and sends.
struct DocsPage {
  let routes: [Route]

  /// Rendered once, as it is the same for everybody.
  static let html = DocsPage(routes: Worker.api).body

  /// What stands in a command for the address of whatever server this is.
  static let server = "SERVER"

  private struct Group {
    let name: String
    let about: String
    let routes: [Route]
  }

  private var groups: [Group] {
    OpenAPIDocument.tags.map { tag in
      Group(name: tag.name, about: tag.about, routes: routes.filter { $0.tag == tag.name })
    }
  }

  private var body: HTML {
    """
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
    <a class="brand" href="/docs/">havocctl API \(Utilities.version)</a>
    <a href="/openapi.json">openapi.json</a>
    </header>
    <div class="columns docs">
    <nav aria-label="Endpoints">
    <div class="find" data-script hidden><label for="find">Find</label>
    <input type="search" id="find" autocomplete="off" spellcheck="false">
    <p id="found" role="status"></p></div>
    \(groups.map(menu))
    </nav>
    <main id="main">
    <h1>The API</h1>
    <p>\(OpenAPIDocument.about.marked)</p>
    \(Self.credential)
    \(groups.map(section))
    </main>
    </div>
    """
  }

  private func menu(_ group: Group) -> HTML {
    """
    <details class="menu" open><summary>\(group.name)</summary><ul>
    \(group.routes.map { route in
      """
      <li data-of="\(route.operationID)"><a href="#\(route.operationID)">\(route.badge) \
      \(route.documentation.summary)</a></li>

      """
    })</ul></details>
    """
  }

  private func section(_ group: Group) -> HTML {
    """
    <section aria-labelledby="\(group.name)">
    <h2 id="\(group.name)">\(group.name)</h2>
    <p class="about">\(group.about.marked)</p>
    \(group.routes.map(\.article))
    </section>

    """
  }

  /// Where one says who one is to the forms below.
  private static let credential: HTML = """
    <section class="credential" aria-labelledby="credential">
    <h2 id="credential">Credentials</h2>
    <p>Every endpoint takes <code>Authorization: Bearer ACCESS</code>, \
    <code>Authorization: JWT ACCESS</code>, <code>Authorization: Token OPAQUE</code>, \
    <code>username</code> and <code>session_token</code> in the body, or the cookie \
    <code>sessionid</code>, which wants the cookie <code>csrftoken</code> again as \
    <code>X-CSRFToken</code> where something changes.</p>
    <div data-script hidden>
    <form id="sign-in"><fieldset><legend>Sign in to try things</legend>
    <div class="pair">
    <div class="field"><label for="username">Username</label>
    <input id="username" autocomplete="username" required></div>
    <div class="field"><label for="password">Password</label>
    <input id="password" type="password" autocomplete="current-password" required></div>
    <div class="field"><label for="code">Code</label>
    <input id="code" inputmode="numeric" autocomplete="one-time-code" aria-describedby="code-about">
    <small id="code-about">With a second factor.</small></div>
    </div>
    <button type="submit" class="primary">Sign in</button></fieldset></form>
    <form id="paste"><fieldset><legend>Or paste a token</legend>
    <div class="pair">
    <div class="field"><label for="scheme">Scheme</label><select id="scheme">
    <option>Bearer</option><option>JWT</option><option>Token</option></select></div>
    <div class="field"><label for="token">Token</label>
    <input id="token" autocomplete="off" spellcheck="false"></div>
    </div>
    <button type="submit">Use it</button>
    <button type="button" id="forget">Forget it</button></fieldset></form>
    <p id="who" role="status">Requests are sent without a credential.</p>
    </div>
    </section>
    """
}

extension String {
  /// What stands between backquotes is code.
  var marked: HTML {
    split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .map { $0.isMultiple(of: 2) ? HTML($1) : "<code>\($1)</code>" }.joined(by: .empty)
  }
}
