import Testing

@testable import Server

@Suite struct HandshakeTests {
  private static let good = [
    ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
  ]

  private func answer(
    _ changes: [(String, String?)] = []
  ) throws -> Handshake {
    let kept = Self.good.filter { header in !changes.contains { $0.0 == header.0 } }
    let changed = changes.compactMap { name, value in value.map { (name, $0) } }
    return try Handshake(request(.get, "/ws/chat/1/", headers: kept + changed))
  }

  private func header(_ name: String, _ handshake: Handshake) -> String? {
    handshake.headers.first { $0.name == name }?.value
  }

  /// The example of RFC 6455, section 1.3.
  @Test func theKeyIsAnswered() throws {
    let handshake = try answer()
    #expect(header("Sec-WebSocket-Accept", handshake) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(header("Sec-WebSocket-Protocol", handshake) == nil)
  }

  @Test(arguments: [
    ("Connection", "keep-alive, upgrade"), ("Upgrade", "h2c, WebSocket"), ("Connection", "UPGRADE"),
  ])
  func listsAndCaseAreRead(name: String, value: String) throws {
    _ = try answer([(name, value)])
  }

  @Test(arguments: [
    ("Upgrade", nil, 426), ("Upgrade", "h2c", 426), ("Connection", "keep-alive", 426),
    ("Connection", nil, 426), ("Sec-WebSocket-Version", "8", 426),
    ("Sec-WebSocket-Version", nil, 426), ("Sec-WebSocket-Key", nil, 400),
    ("Sec-WebSocket-Key", "short", 400), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR==", 400),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j!Q==", 400),
  ])
  func othersAreRefused(name: String, value: String?, status: Int) {
    let refusal = #expect(throws: BadRequest.self) { _ = try answer([(name, value)]) }
    #expect(refusal?.status == status)
    #expect(
      (status == 426) == (refusal?.headers.contains { $0.name == "Sec-WebSocket-Version" } == true))
  }

  @Test(arguments: [
    ("chat", nil, "chat"), ("token.abc", "abc", "token.abc"), ("token.abc, chat", "abc", "chat"),
    ("v2, chat, token.x.y.z", "x.y.z", "v2"),
  ])
  func oneSubprotocolIsChosen(offered: String, token: String?, chosen: String) throws {
    let handshake = try answer([("Sec-WebSocket-Protocol", offered)])
    #expect(handshake.token == token)
    #expect(header("Sec-WebSocket-Protocol", handshake) == chosen)
  }
}
