import Testing

@testable import Domain

@Suite struct OAuthFieldsTests {
  private func person(_ json: String, _ fields: OAuthFields = OAuthFields()) throws -> OAuthPerson?
  {
    fields.read(try JSON.parse(Array(json.utf8)))
  }

  @Test func theDefaultsAre42s() throws {
    let person = try #require(
      try person(
        #"{"id": 7, "login": "ann", "email": "a@b.c", "image": {"link": "https://x/y.png"}}"#))
    #expect(person.subject == "7" && person.username == "ann" && person.email == "a@b.c")
    #expect(person.avatar == "https://x/y.png")
    #expect(!person.isEmailVerified)
  }

  @Test func otherServicesAreDescribedByPaths() throws {
    var fields = try OAuthFields("id=sub username=names.short")
    fields.verified = "email_verified"
    let person = try #require(
      try person(
        #"{"sub": "x1", "names": {"short": "Bo"}, "email": "b@c.d", "email_verified": true}"#,
        fields))
    #expect(person.subject == "x1" && person.username == "Bo" && person.isEmailVerified)
    #expect(person.avatar == nil)
  }

  @Test(arguments: [
    "{}", "[]", "7", #"{"id": 1}"#, #"{"login": "ann"}"#, #"{"id": "", "login": "ann"}"#,
    #"{"id": {}, "login": "ann"}"#, #"{"id": 1, "login": null}"#,
  ])
  func withoutIDOrNameItIsNobody(json: String) throws {
    #expect(try person(json) == nil)
  }

  /// A text that says true isn't a service's word that it checked.
  @Test func onlyABooleanVerifies() throws {
    var fields = OAuthFields()
    fields.verified = "v"
    #expect(try person(#"{"id":1,"login":"a","v":"true"}"#, fields)?.isEmailVerified == false)
  }

  @Test(arguments: ["id", "id=", "x=y", "=a"])
  func malformedMappings(text: String) {
    #expect(throws: OAuthFields.Malformed.self) { try OAuthFields(text) }
  }

  @Test func formsAreEncoded() {
    #expect(
      FormEncoding.encode([("a b", "c&d=é"), ("x", "~-._")]) == "a%20b=c%26d%3D%C3%A9&x=~-._")
  }
}
