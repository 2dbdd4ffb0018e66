import Domain

@testable import Server

/// A head of these headers.
func head(_ headers: [(String, String)]) -> Head {
  var head = Head()
  for (name, value) in headers {
    Array(name.utf8).withUnsafeBufferPointer { name in
      Array(value.utf8).withUnsafeBufferPointer { head.add(name, $0) }
    }
  }
  return head
}

/// A request as the engine hands it over.
func request(
  _ method: Server.Method = .post, _ target: String = "/", body: String = "", type: String? = nil,
  headers: [(String, String)] = [], isSecure: Bool = false
) -> Request {
  Request(
    id: "r", method: method, target: target,
    head: head((type.map { [("Content-Type", $0)] } ?? []) + headers),
    client: Client(address: nil, isSecure: isSecure), body: .bytes(Array(body.utf8)))
}

extension Request {
  /// What the body holds for a route like most.
  func form() throws(BadRequest) -> FormBody {
    try read(for: Route(method, "x", .detail(nil), .anyone) { _ in Response(204) }).form
  }
}

/// The text of a JSON value, to compare with.
func text(_ json: JSON?) -> String? {
  guard let json else { return nil }
  var writer = JSONWriter()
  writer.value(json)
  return String(decoding: writer.bytes, as: UTF8.self)
}
