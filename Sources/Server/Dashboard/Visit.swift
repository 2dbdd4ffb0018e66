import AdminKit
import Domain
import Postgres

/// Somebody who is signed in to the dashboard, at one of its pages.
struct Visit: Sendable {
  let context: Context
  let caller: Caller
  let signedIn: Timestamp
  private let csrf: String

  /// What is dangerous wants the sign-in again so long after it.
  private static let trust = Duration.seconds(15 * 60)

  private static let who = Statement.withCaller(
    "SELECT s.created AS signed_in", columns: "q.signed_in")

  /// - Throws: `.unauthenticated`; `.forbidden` for who isn't of the staff any more, or is banned.
  init(_ context: Context) async throws {
    self.context = context
    guard let cookie = context.request.head.cookie(CookieName.dashboard),
      let csrf = context.request.head.cookie(CookieName.dashboardCSRF)
    else { throw Authenticator.rejected }
    let found = try await context.caller(by: .dashboard(cookie), with: Self.who)
    guard var cells = found.rows[0].cellsBehindCaller() else { throw Authenticator.rejected }
    caller = found.caller
    signedIn = try cells.decode(Timestamp.self)
    self.csrf = csrf
    guard caller.permission.isStaff else {
      throw Refusal.forbidden("The dashboard is for staff and administrators.")
    }
  }

  var request: Request { context.request }
  var database: any Querying { context.services.longReads }
  var environment: AdminEnvironment { context.services.administration }
  var registry: Registry { environment.registry }
  var actor: Actor { context.actor(caller.username) }
  var runner: Runner { Runner(environment: environment, actor: actor) }

  /// Staff looks; an administrator changes.
  var mayChange: Bool { caller.permission.isAdmin }

  /// Whether the sign-in is of a moment ago.
  var isRecent: Bool { signedIn + Self.trust > .now }

  // MARK: What was asked

  /// The names and values of the address, or of the form.
  var values: [String: [String]] {
    let pairs =
      request.method == .post
      ? context.form.members.map { ($0.name, $0.value.string ?? "") }
      : (request.queryPairs ?? []).map { ($0.name, $0.value) }
    var values: [String: [String]] = [:]
    for (name, value) in pairs { values[name, default: []].append(value) }
    return values
  }

  /// The noun of the address.
  /// - Throws: `.notFound`.
  func resource() throws(Refusal) -> Resource {
    guard let resource = registry.resource(plural: context.path.texts[0]) else {
      throw .notFound("There is no such page.")
    }
    return resource
  }

  /// The form of the operation that the address names; nil where it names none.
  /// - Throws: `.forbidden` for who may not change anything.
  func form() throws(Refusal) -> OperationPage? {
    let resource = try resource()
    guard let operation = registry.find(resource.noun, context.path.texts[1]),
      let form = OperationForm(operation), !NounPage.shows(operation)
    else { return nil }
    guard may(operation) else { throw Self.readOnly }
    return OperationPage(self, resource, form)
  }

  private func may(_ operation: AdminKit.Operation) -> Bool { mayChange || !operation.changes }

  /// Whether there is a form of an operation for who visits.
  func offers(_ operation: AdminKit.Operation) -> Bool {
    !NounPage.shows(operation) && may(operation) && OperationForm.offers(operation)
  }

  static let readOnly = Refusal.forbidden("Staff may look, and administrators may change.")

  // MARK: Forgery

  /// The field that every form has.
  var csrfField: HTML { Self.csrfField(csrf) }

  static func csrfField(_ token: String) -> HTML { .hidden("csrf", token) }

  func checkForgery() throws(Refusal) { try context.checkDashboardForgery() }

  // MARK: Signing in again

  /// What ends a request that wants a new sign-in first.
  struct WantsSignIn: Error {}

  /// - Throws: `WantsSignIn` where the sign-in is too long ago for what is dangerous.
  func requireRecentSignIn() throws(WantsSignIn) {
    guard isRecent else { throw WantsSignIn() }
  }
}

extension AdminKit.Operation {
  /// Whether it changes anything.
  var changes: Bool {
    switch effect {
    case .adds, .changes, .destroys, .prunes: true
    default: false
    }
  }

  /// Whether it takes something away, or gives somebody power.
  var isDangerous: Bool {
    switch effect {
    case .destroys, .prunes: true
    case .adds, .changes:
      password != .none || ["permission", "key", "token"].contains(noun)
        || options.contains { $0.name == "permission" }
    default: false
    }
  }
}
