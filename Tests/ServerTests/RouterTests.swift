import Testing

@testable import Server

@Suite struct RouterTests {
  private let router = Router([
    Route(.get, "exercises/list", .detail(nil), .anyone) { _ in Response(200) },
    Route(.post, "exercises/list", .detail(nil), .anyone) { _ in Response(200) },
    Route(.get, "exercises/exercise/<int:id>", .detail(nil), .anyone) { _ in Response(200) },
  ])

  private func found(_ method: Method, _ path: String) -> String {
    switch router.match(method, path[...]) {
    case .route(let route, let values): "\(route.method.rawValue) \(route.path) \(values.numbers)"
    case .otherMethods(let methods, _): methods.map(\.rawValue).joined(separator: " ")
    case .none: "none"
    }
  }

  @Test(arguments: [
    (Method.get, "/exercises/list", "GET exercises/list []"),
    (.get, "/exercises/list/", "GET exercises/list []"),
    (.head, "/exercises/list/", "GET exercises/list []"),
    (.post, "/exercises/list/", "POST exercises/list []"),
    (.delete, "/exercises/list/", "GET HEAD OPTIONS POST"),
    (.get, "/exercises/exercise/12/", "GET exercises/exercise/<int:id> [12]"),
    (.get, "/exercises/exercise/%31/", "GET exercises/exercise/<int:id> [1]"),
    (.get, "/exercises/exercise/-1/", "none"),
    (.get, "/exercises/exercise/1.5/", "none"),
    (.get, "/exercises/exercise/9223372036854775808/", "none"),
    (.get, "/exercises//list/", "none"),
    (.get, "/exercises%2Flist/", "none"),
    (.get, "/exercises/exercise/", "none"),
    (.get, "/", "none"),
    (.options, "/exercises/exercise/1", "GET HEAD OPTIONS"),
    (.put, "/exercises/exercise/1/", "GET HEAD OPTIONS"),
    (
      .get, "/exercises/exercise/9223372036854775807/",
      "GET exercises/exercise/<int:id> [9223372036854775807]"
    ),
    (.get, "/exercises/exercise/007", "GET exercises/exercise/<int:id> [7]"),
    (.get, "/exercises/exercise/+1/", "none"),
    (.get, "/exercises/exercise/1/2", "none"),
    (.get, "/exercises/exercise/1//", "none"),
    (.get, "/exercises/exercise/٣/", "none"),
    (.get, "/exercises/exercise/%D9%A3/", "none"),
    (.get, "/Exercises/list", "none"),
    (.get, "/exercises/lis%74", "GET exercises/list []"),
    (.get, "/exercises/list%00", "none"),
    (.get, "/exercises/list%2F", "none"),
    (.get, "/exercises/%FF", "none"),
    (.get, "/exercises/../exercises/list", "none"),
    (.get, "exercises/list", "none"),
  ])
  func matches(method: Method, path: String, expected: String) {
    #expect(found(method, path) == expected)
  }

  /// Of a path that takes GET, HEAD is allowed too; of one that doesn't, it isn't.
  @Test func headNeedsAGet() {
    let router = Router([
      Route(.post, "login", .detail(nil), .anyone) { _ in Response(200) },
      Route(.post, "thing/<int:id>/part/<int:part>", .detail(nil), .anyone) { _ in Response(200) },
      Route(.delete, "thing/<int:id>/part/<int:part>", .detail(nil), .anyone) { _ in Response(200)
      },
    ])
    guard case .otherMethods(let methods, _) = router.match(.head, "/login/") else {
      Issue.record("HEAD found a route")
      return
    }
    #expect(methods == [.options, .post])
    guard case .route(let route, let values) = router.match(.delete, "/thing/1/part/2") else {
      Issue.record("no route")
      return
    }
    #expect(route.method == .delete && values.numbers == [1, 2])
  }
  /// None is hidden by another of the same method and the same path.
  @Test(arguments: Worker.routes.indices)
  func everyRouteIsFound(number: Int) {
    let segments = Worker.routes[number].path.split(separator: "/").map { segment in
      segment.hasPrefix("<int:") ? "1" : segment.hasPrefix("<str:") ? "~" : String(segment)
    }
    let path = "/" + segments.joined(separator: "/")
    #expect(Router(Worker.routes).match(Worker.routes[number].method, path[...]).route == number)
  }
}
