import Domain

/// Signing in to the dashboard, and out of it.
enum SignInPage {
  private static let path = Dashboard.root + "sign-in/"

  // MARK: Going there

  /// To the sign-in, and from there back to what was asked for. What a form held goes along, so that
  /// nobody types it twice; never a password.
  static func detour(_ context: Context) -> Response {
    let request = context.request
    let path = String(request.path)
    guard request.method == .post else {
      let next = request.query.isEmpty ? path : "\(path)?\(request.query)"
      let isRoot = next == Dashboard.root || next.utf8.count > longestTarget
      return .seeOther(isRoot ? Address(Self.path) : Address(Self.path).with("next", next))
    }
    guard !path.hasPrefix(signOutPath) else { return .seeOther(Self.path) }
    // A form that another site's page made up is nobody's work.
    let isOwn = (try? context.checkSite()) != nil
    let kept = context.form.members.filter {
      isOwn && !OperationPage.privateFields.contains($0.name)
    }
    return page(
      context, 401, Notice.bad("Sign in to go on. What you typed is kept."), username: "",
      next: path,
      kept: kept.map { (keptPrefix + $0.name, $0.value.string ?? "") })
  }

  /// Longer addresses aren't carried along: they would be too long as a part of another.
  private static let longestTarget = 2_000
  private static let signOutPath = Dashboard.root + "sign-out"
  /// What a form's fields are called on their way through the sign-in.
  private static let keptPrefix = "kept."

  /// Only to a page of the dashboard: nobody is sent elsewhere by a link to the sign-in.
  private static func next(_ value: String?) -> String {
    value.flatMap { Dashboard.isOwn($0) ? $0 : nil } ?? Dashboard.root
  }

  // MARK: The page

  @Sendable static func show(_ context: Context) async throws -> Response {
    let pairs = context.request.queryPairs ?? []
    let destination = next(pairs.first { $0.name == "next" }?.value)
    let visit = try? await Visit(context)
    var notice: HTML?
    if visit != nil {
      notice = Notice.plain(
        "Sign in again: what you are about to do wants a sign-in of a moment ago.")
    } else if destination != Dashboard.root {
      notice = Notice.plain("Sign in to go on.")
    }
    return page(
      context, 200, notice, username: visit?.caller.username ?? "", next: destination)
  }

  private static func page(
    _ context: Context, _ status: Int, _ notice: HTML?, username: String, next: String,
    wantsCode: Bool = false, kept: [(name: String, value: String)] = []
  ) -> Response {
    let known = context.request.head.cookie(CookieName.dashboardCSRF)
    let token = known ?? Secrets.token()
    let body: HTML = """
      <main class="narrow" id="main">
      <h1>havocctl</h1>
      \(notice)
      <form method="post" action="\(path)">
      \(Visit.csrfField(token))
      \(HTML.hidden("next", next))
      \(kept.map { HTML.hidden($0.name, $0.value) })
      <p class="field"><label for="username">Username</label>
      <input id="username" name="username" value="\(username)" autocomplete="username" required \
      \(username.isEmpty ? "autofocus" : "")></p>
      <p class="field"><label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required \
      \(username.isEmpty ? "" : "autofocus")></p>
      <p class="field"><label for="code">Code</label>
      <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" \
      aria-describedby="code-help" \(wantsCode ? "required aria-invalid=\"true\"" : "" as HTML)>
      <small id="code-help">Only where your account asks for one by e-mail.</small></p>
      <p><button type="submit" class="primary">Sign in</button></p>
      </form>
      </main>
      """
    var response = WebPage(status: status, title: "Sign in · havocctl", body: body).response
    if known == nil { response.headers.append(csrfCookie(token, context)) }
    return response
  }

  private static func csrfCookie(_ token: String, _ context: Context) -> Response.Header {
    .setCookie(
      CookieName.dashboardCSRF, token, path: cookiePath,
      lifetime: context.services.tools.lifetimes.dashboard, isReadable: false,
      isSecure: context.request.client.isSecure)
  }

  private static let cookiePath = "/admin"

  private static func sessionCookie(
    _ token: String, _ lifetime: Duration, _ context: Context
  ) -> Response.Header {
    .setCookie(
      CookieName.dashboard, token, path: cookiePath, lifetime: lifetime, isReadable: false,
      isSecure: context.request.client.isSecure)
  }

  // MARK: Signing in

  @Sendable static func signIn(_ context: Context) async throws -> Response {
    try context.checkDashboardForgery()
    let username = context.form["username"]?.string ?? ""
    let destination = next(context.form["next"]?.string)
    do {
      let proof = SignIn.Proof(
        username: username, password: Password(context.form["password"]?.string ?? ""),
        code: context.form["code"]?.string)
      let success = try await context.signIn(
        proof, .dashboard, [.dashboard], admits: { $0.permission.isStaff })
      // A sign-in that is repeated takes the place of the one before it.
      if let before = try? await Visit(context) {
        try await context.sessions.signOut(before.caller)
      }
      let token = Secrets.token()
      let kept = kept(of: context)
      var response =
        kept.isEmpty
        ? Response.seeOther(destination) : goOn(context, destination, kept, token: token)
      response.headers += [
        sessionCookie(
          success.text(.dashboard), context.services.tools.lifetimes.dashboard, context),
        csrfCookie(token, context),
      ]
      return response
    } catch let refusal as Refusal {
      if case .incomplete = refusal { await sendCode(to: username, context) }
      return refused(refusal, context, username: username, next: destination)
    }
  }

  private static func kept(of context: Context) -> [(name: String, value: String)] {
    context.form.members.filter { $0.name.hasPrefix(keptPrefix) }
      .map { ($0.name, $0.value.string ?? "") }
  }

  /// Back to the form with what it held. Nothing is done yet.
  private static func goOn(
    _ context: Context, _ next: String, _ kept: [(name: String, value: String)], token: String
  ) -> Response {
    let fields = kept.map { (String($0.name.dropFirst(keptPrefix.count)), $0.value) }
    let body: HTML = """
      <main class="narrow" id="main">
      <h1>havocctl</h1>
      \(Notice.plain("You are signed in."))
      <form method="post" action="\(next)" data-go-on>
      \(Visit.csrfField(token))
      \(fields.filter { $0.0 != OperationPage.Name.preview }.map { HTML.hidden($0.0, $0.1) })
      \(HTML.hidden(OperationPage.Name.preview, "1"))
      <p><button type="submit" class="primary">Go on with what you typed</button></p>
      </form>
      </main>
      """
    return WebPage(title: "Signed in · havocctl", scripts: ["dashboard.js"], body: body).response
  }

  /// To somebody who gave the right password.
  private static func sendCode(to username: String, _ context: Context) async {
    guard context.services.settings.canSendCodes,
      let user = try? await Users(context.services.database, actor: context.actor())
        .find(username), let email = user.email
    else { return }
    try? await context.requestCode(username: user.username, email: email)
  }

  private static func refused(
    _ refusal: Refusal, _ context: Context, username: String, next: String
  ) -> Response {
    let answer = ErrorMap.response(refusal, .page).response
    let text =
      switch refusal {
      case .incomplete:
        context.services.settings.canSendCodes
          ? "Your account asks for a code, which was sent by e-mail. Type your password again, and the code."
          : "Your account asks for a code, and this server has no way to send one. Ask an administrator."
      case .unauthenticated:
        "The name, the password or the code is wrong, or the account is locked."
      case .tooMany: "Too many attempts. Try again later."
      default: refusal.message
      }
    var wantsCode = false
    if case .incomplete = refusal { wantsCode = true }
    var response = page(
      context, answer.status, Notice.bad(text), username: username, next: next,
      wantsCode: wantsCode,
      kept: kept(of: context))
    response.headers += answer.headers.filter { $0.name == "Retry-After" }
    return response
  }

  // MARK: Signing out

  @Sendable static func signOut(_ visit: Visit) async throws -> Response {
    try await visit.context.sessions.signOut(visit.caller)
    var response = Response.seeOther(path)
    response.headers.append(sessionCookie("", .zero, visit.context))
    return response
  }
}

extension Response {
  /// Somewhere else, by GET (RFC 9110, section 15.4.4).
  static func seeOther(_ location: String) -> Response {
    Response(303, headers: [.init("Location", location)] + WebPage.harmless)
  }

  static func seeOther(_ address: Address) -> Response { seeOther(address.text) }
}

extension Context {
  /// Refuses what a page of another site may have made a browser send. The dashboard's pages tell
  /// no referrer, so that a browser's Origin is `null`; but it tells whether the page is of this
  /// site (Fetch Metadata), and another's page doesn't know the form's token.
  /// - Throws: `.forbidden`.
  func checkDashboardForgery() throws(Refusal) {
    try checkSite()
    guard let cookie = request.head.cookie(CookieName.dashboardCSRF),
      let token = form["csrf"]?.string, !token.isEmpty, Secrets.areEqual(token, cookie)
    else {
      throw .forbidden("This form is too old, or cookies are off. Go back, load the page again.")
    }
  }

  /// The same by what the browser tells alone.
  func checkSite() throws(Refusal) {
    let head = request.head
    let site = head.fetchSite ?? "same-origin"
    let origin = head.origin ?? "null"
    guard ["same-origin", "none"].contains(site),
      origin == "null" || services.settings.origins.isOwn(origin, request)
    else { throw .forbidden("This form was sent from another site.") }
  }
}
