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
    case .route(let route, let numbers): "\(route.method.rawValue) \(route.path) \(numbers)"
    case .otherMethods(let methods): methods.map(\.rawValue).joined(separator: " ")
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
  ])
  func matches(method: Method, path: String, expected: String) {
    #expect(found(method, path) == expected)
  }
}
