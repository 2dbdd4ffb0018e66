import AdminKit
import Domain

/// `/admin/`: the registry's nouns as pages. A noun is a list, a thing a page, an operation a form,
/// and what a form does is what the command line does.
enum Dashboard {
  static let routes: [Route] = [
    page(.get, "admin", Overview.show),
    Route(.get, "admin/sign-in", .page, .anyone, handle: allowed(SignInPage.show)),
    Route(.post, "admin/sign-in", .page, .anyone, handle: allowed(SignInPage.signIn)),
    page(.post, "admin/sign-out", SignInPage.signOut),
    page(.get, "admin/<str:noun>", NounPage.show),
    page(.get, "admin/<str:noun>/<str:word>") { visit in
      if let form = try visit.form() { return try await form.show() }
      return try await ThingPage.show(visit)
    },
    page(.post, "admin/<str:noun>/<str:word>") { visit in
      guard let form = try visit.form() else { throw Refusal.notFound("There is no such page.") }
      return try await form.submit()
    },
  ]

  static let root = "/admin/"

  /// Whether an address leads to one of these pages, whatever a browser makes of it.
  static func isOwn(_ address: String) -> Bool {
    guard address.hasPrefix(root), !address.contains("\\"),
      !address.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
      let path = PercentEncoding.decode(address.prefix { $0 != "?" && $0 != "#" })
    else { return false }
    return !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
  }

  /// The address of a noun's list, of a thing of its, or of what can be done with it.
  static func address(_ resource: Resource, _ word: String? = nil) -> Address {
    address(plural: resource.plural, word)
  }

  static func address(plural: String, _ word: String? = nil) -> Address {
    Address(root + plural + "/" + (word.map { PercentEncoding.encode($0) + "/" } ?? ""))
  }

  /// A page for those who are signed in; others sign in first, and come back to it.
  private static func page(
    _ method: Method, _ path: String,
    _ show: @escaping @Sendable (Visit) async throws -> Response
  ) -> Route {
    Route(
      method, path, .page, .anyone,
      handle: allowed { context in
        let visit: Visit
        do {
          visit = try await Visit(context)
        } catch Refusal.unauthenticated {
          return SignInPage.detour(context)
        }
        if method == .post { try visit.checkForgery() }
        do {
          return try await show(visit)
        } catch is Visit.WantsSignIn {
          return SignInPage.detour(context)
        } catch let refusal as Refusal {
          return visit.refusal(refusal)
        }
      })
  }

  /// The dashboard is there, and for whoever asks from there.
  private static func allowed(
    _ handle: @escaping @Sendable (Context) async throws -> Response
  ) -> @Sendable (Context) async throws -> Response {
    { context in
      let settings = context.services.settings.dashboard
      guard settings.isOn else { throw Refusal.notFound("The dashboard is switched off.") }
      guard settings.allows(context.request.address) else {
        throw Refusal.forbidden("The dashboard can't be reached from your address.")
      }
      return try await handle(context)
    }
  }
}

/// What is configured of the dashboard.
struct DashboardSettings: Sendable {
  var isOn = true
  /// From where it can be reached; from anywhere where there are none.
  var networks = ClientNetworks()

  func allows(_ address: String?) -> Bool { networks.admits(address) }
}
