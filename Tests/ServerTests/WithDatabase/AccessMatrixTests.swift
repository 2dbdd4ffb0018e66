import Domain
import TestSupport
import Testing

@testable import Server

/// The ways in which a request says who it is from.
private enum Scheme: CaseIterable {
  case bearer, jwt, token, body, cookie

  var kind: CredentialKind {
    switch self {
    case .bearer, .jwt: .access
    case .token: .opaque
    case .body: .sessionToken
    case .cookie: .web
    }
  }

  /// What a request carries: headers, and a form's fields.
  func present(
    _ credential: String, _ username: String, csrf: String? = "csrf-token-of-the-browser"
  ) -> (headers: [(String, String)], form: String) {
    switch self {
    case .bearer: ([("Authorization", "Bearer \(credential)")], "")
    case .jwt: ([("Authorization", "JWT \(credential)")], "")
    case .token: ([("Authorization", "Token \(credential)")], "")
    case .body: ([], "username=\(username)&session_token=\(credential)")
    case .cookie:
      (
        [("Cookie", "sessionid=\(credential); csrftoken=csrf-token-of-the-browser")]
          + (csrf.map { [("X-CSRFToken", $0)] } ?? []), ""
      )
    }
  }
}

extension WithDatabase {
  /// Each route, called by each kind of person with each kind of credential.
  @Suite struct AccessMatrixTests {
    private static let protected = Worker.routes.filter { $0.access != .anyone }

    private static func path(_ route: Route) -> String {
      "/"
        + route.path.split(separator: "/").map { segment -> String in
          if segment.hasPrefix("<int:") { return "1" }
          return segment.hasPrefix("<str:")
            ? "8d3c9f7e-0b6a-4f57-9d0e-2f3b8b1c6a55" : String(segment)
        }.joined(separator: "/") + "/"
    }

    private static func isSocket(_ route: Route) -> Bool { route.path.hasPrefix("ws/") }

    private static let handshake = [
      ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
      ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    private static func send(
      _ route: Route, _ stage: Stage, _ headers: [(String, String)], _ form: String
    ) async -> Response {
      await stage.send(
        route.method, path(route), headers + (isSocket(route) ? handshake : []), body: form,
        type: form.isEmpty ? nil : "application/x-www-form-urlencoded")
    }

    /// What the route's access says of somebody with this permission.
    private static func mayCall(_ route: Route, permission: Int) -> Bool {
      route.access == .admin ? permission == 3 : true
    }

    @Test func thereAreRoutesToTry() {
      #expect(Self.protected.count >= 40)
      #expect(Self.protected.contains { $0.access == .admin })
    }

    @Test func everybodyMayWhatTheRouteSays() async throws {
      try await Stage.open { stage in
        for (name, permission) in [("ann", 1), ("bob", 1), ("staff", 2), ("root", 3)] {
          var user = try await stage.home.makeUser(name, permission: permission)
          for route in Self.protected {
            for scheme in Scheme.allCases {
              // Some routes end the session, change the password or remove the account.
              if (try? await stage.home.users.find(name)) == nil {
                user = try await stage.home.makeUser(name, permission: permission)
              }
              let credential = try await Self.open(user, scheme.kind, stage)
              let (headers, form) = scheme.present(credential, name)
              let response = await Self.send(route, stage, headers, form)
              let call = "\(name) \(route.method) \(route.path) \(scheme): \(response.status)"
              if Self.mayCall(route, permission: permission) {
                #expect(response.status != 401 && response.status != 403, "\(call)")
                #expect(response.status < 500, "\(call)")
              } else {
                #expect(response.status == 403, "\(call)")
              }
            }
          }
        }
      }
    }

    private static func open(
      _ user: User, _ kind: CredentialKind, _ stage: Stage
    ) async throws -> String {
      let origin = Origin(dialect: .trainer, address: nil, userAgent: nil)
      return try await stage.home.signIn.open(user, from: origin, kinds: [kind]).text(kind)
    }

    @Test func strangersMayNothing() async throws {
      try await Stage.open { stage in
        let forgeries: [(headers: [(String, String)], form: String)] =
          [([], ""), ([("Authorization", "Basic YTpi")], ""), ([("Cookie", "csrftoken=x")], "")]
          + Scheme.allCases.map { $0.present(String(repeating: "a", count: 43), "ann") }
          + [Scheme.token.present(String(repeating: "a", count: 40), "ann")]
        for route in Self.protected {
          for (headers, form) in forgeries {
            let response = await Self.send(route, stage, headers, form)
            #expect(response.status == 401, "\(route.method) \(route.path) \(headers) \(form)")
            #expect(response.header("WWW-Authenticate") != nil)
          }
        }
      }
    }

    /// A cookie goes wherever a page makes the browser send it; a token that only our own pages can
    /// read has to come with it.
    @Test func aCookieAloneChangesNothing() async throws {
      try await Stage.open { stage in
        let root = try await stage.home.makeUser("root", permission: 3)
        let credential = try await Self.open(root, .web, stage)
        for route in Self.protected {
          for csrf in [nil, "", "another"] {
            let (headers, form) = Scheme.cookie.present(credential, "root", csrf: csrf)
            let response = await Self.send(route, stage, headers, form)
            let isSafe = route.method == .get
            #expect((response.status == 403) == !isSafe, "\(route.method) \(route.path)")
          }
          let (headers, form) = Scheme.cookie.present(credential, "root")
          let foreign = headers + [("Origin", "https://evil.example.org")]
          let response = await Self.send(route, stage, foreign, form)
          // A page of any site may open a socket, and say who it is with the browser's cookies.
          let mayAsk = route.method == .get && !Self.isSocket(route)
          #expect((response.status == 403) == !mayAsk, "\(route.method) \(route.path)")
        }
        #expect(
          try await stage.home.number("SELECT count(*) FROM session WHERE revoked IS NULL") == 1)
      }
    }

    /// Another site's page can put a token of its own into the body; the cookie's session stays.
    @Test func aForeignTokenInTheBodyEndsNoBrowsersSession() async throws {
      try await Stage.open { stage in
        let ann = try await stage.home.makeUser("ann")
        let mallory = try await stage.home.makeUser("mallory")
        let cookie = try await Self.open(ann, .web, stage)
        let form = "application/x-www-form-urlencoded"
        let live = "SELECT count(*) FROM session WHERE revoked IS NULL AND account = \(ann.id)"
        for path in ["/api/auth/logout/", "/api/auth/del-logout/"] {
          let refresh = try await Self.open(mallory, .refresh, stage)
          let (headers, _) = Scheme.cookie.present(cookie, "ann", csrf: nil)
          let forged = await stage.send(
            .post, path, headers, body: "refresh=\(refresh)", type: form)
          #expect(forged.status == 204)
          #expect(try await stage.home.number(live) == 1, "\(path)")
        }
        let refresh = try await Self.open(ann, .refresh, stage)
        let (headers, _) = Scheme.cookie.present(cookie, "ann")
        let own = await stage.send(
          .post, "/api/auth/logout/", headers, body: "refresh=\(refresh)", type: form)
        #expect(own.status == 204)
        #expect(try await stage.home.number(live) == 0)
      }
    }

    /// A credential proves what it is and nothing else.
    @Test func noCredentialPassesForAnother() async throws {
      try await Stage.open { stage in
        let ann = try await stage.home.makeUser("ann")
        for kind in CredentialKind.allCases {
          let credential = try await Self.open(ann, kind, stage)
          for scheme in Scheme.allCases where scheme.kind != kind {
            let (headers, form) = scheme.present(credential, "ann")
            let response = await stage.send(
              .post, "/user/check_status/", headers, body: form,
              type: form.isEmpty ? nil : "application/x-www-form-urlencoded")
            #expect(response.status == 401, "\(kind) as \(scheme)")
          }
        }
      }
    }

    @Test func aSessionTokenIsGoodForItsOwnNameOnly() async throws {
      try await Stage.open { stage in
        let ann = try await stage.home.makeUser("ann")
        _ = try await stage.home.makeUser("bob")
        let credential = try await Self.open(ann, .sessionToken, stage)
        for (name, status) in [("bob", 401), ("nobody", 401), ("ANN", 200)] {
          let (headers, form) = Scheme.body.present(credential, name)
          let response = await stage.send(
            .post, "/user/check_status/", headers, body: form,
            type: "application/x-www-form-urlencoded")
          #expect(response.status == status, "\(name)")
        }
      }
    }
  }
}
