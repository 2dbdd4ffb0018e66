import Domain
import Postgres
import Testing

@testable import Server

@Suite struct SpeechTests {
  private func body(_ response: Response) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func answer(_ error: any Error, _ speech: Speech = .detail(nil)) -> String {
    let response = ErrorMap.response(error, speech).response
    return "\(response.status) \(body(response))"
  }

  private static let errors = [
    FieldError("a", "One."), FieldError("b.c", "Two."), FieldError("a", "Three \"quoted\"."),
  ]

  private static let refusals: [(Refusal, detail: String, havoc: String)] = [
    (
      .invalid(errors), #"400 {"a":["One.","Three \"quoted\"."],"b":{"c":["Two."]}}"#,
      #"400 {"status":400,"data":"a: One. b.c: Two. a: Three \"quoted\"."}"#
    ),
    (
      .taken(errors[0]), #"409 {"a":["One."]}"#, #"409 {"status":409,"data":"a: One."}"#
    ),
    (.unauthenticated("U."), #"401 {"detail":"U."}"#, #"401 {"status":401,"data":"U."}"#),
    (.forbidden("F."), #"403 {"detail":"F."}"#, #"403 {"status":403,"data":"F."}"#),
    (.notFound("N."), #"404 {"detail":"N."}"#, #"404 {"status":404,"data":"N."}"#),
    (.conflict("C."), #"409 {"detail":"C."}"#, #"409 {"status":409,"data":"C."}"#),
  ]

  @Test(arguments: refusals)
  func refusalsInEachDialectsWords(refusal: Refusal, detail: String, havoc: String) {
    #expect(answer(refusal) == detail)
    #expect(answer(refusal, .havoc) == havoc)
  }

  private static let others: [(any Error & Sendable, Int)] = [
    (Refusal.busy(retryAfter: 3), 503), (BadRequest(415, "no"), 415),
    (PostgresError(.unavailable, "secret host", retry: .safe), 503),
    (PostgresError(.connectionLost, "secret host", retry: .unknown), 503),
    (PostgresError(.overloaded, "secret host", retry: .safe), 503),
    (PostgresError(.decoding, "secret column", retry: .pointless), 500), (CancellationError(), 500),
  ]

  /// What the database says is for the log.
  @Test(arguments: others.indices)
  func otherErrorsTellNothingInside(index: Int) {
    let (error, status) = Self.others[index]
    for speech in [Speech.detail(nil), .havoc] {
      let (response, cause) = ErrorMap.response(error, speech)
      #expect(response.status == status)
      #expect(!body(response).contains("secret"))
      #expect((cause == nil) == (error is Refusal || error is BadRequest))
      #expect((response.status == 503) == response.headers.contains { $0.name == "Retry-After" })
    }
  }

  @Test func headersThatBelongToAStatus() {
    let stranger = ErrorMap.response(Refusal.unauthenticated("U."), .havoc).response
    #expect(stranger.headers.contains { $0.name == "WWW-Authenticate" })
    let busy = ErrorMap.response(Refusal.busy(retryAfter: 3), .havoc).response
    #expect(busy.headers.first { $0.name == "Retry-After" }?.value == "3")
    let missing = ErrorMap.response(Refusal.notFound("N."), .havoc).response
    #expect(!missing.headers.contains { $0.name == "WWW-Authenticate" })
  }
}

@Suite struct CredentialTests {
  @Test(
    arguments: [
      ("Bearer abc", .access("abc")), ("bearer abc", .access("abc")), ("JWT  abc", .access("abc")),
      ("jwt a b", .access("a b")), ("TOKEN 00ff", .opaque("00ff")), ("Basic abc", nil),
      ("Bearer", nil), ("Bearer ", nil), ("", nil), (" Bearer abc", nil), ("Bearerabc", nil),
      ("B\u{65}arer\tabc", nil),
    ] as [(String, PresentedCredential?)])
  func authorization(header: String, expected: PresentedCredential?) {
    #expect(PresentedCredential(authorization: header) == expected)
  }
}
