import Synchronization
import TestSupport
import Testing

@testable import Domain

@Suite struct PasswordRulesTests {
  private static let cases: [(password: String, violations: Int)] = [
    ("violet-otter-42", 0), ("üüüü", 0), ("seven77", 1), ("", 1), ("12345678901", 1),
    ("1234567", 2),
    ("Ann.Lee-Smith", 1), ("ANN.LEE-SMITH", 1), ("ann-the-first", 1), ("Ann-The-First", 1),
    (String(repeating: "xy", count: 512), 0), (String(repeating: "x", count: 1_025), 1),
    ("٠١٢٣٤٥٦٧", 1),
  ]

  @Test(arguments: cases)
  func eachRuleIsNamed(password: String, violations: Int) {
    let found = PasswordRules(dictionary: nil).violations(
      of: Password(password), username: "ann.lee-smith", email: "ann-the-first@example.com")
    #expect(found.count == violations, "\(found)")
  }

  @Test func theRefusalNamesTheField() {
    let rules = PasswordRules(dictionary: nil)
    let refusal = #expect(throws: Refusal.self) {
      try rules.check(Password("1234"), field: "new_password", username: "ann", email: nil)
    }
    guard case .invalid(let errors)? = refusal else { return }
    #expect(errors.map(\.field) == ["new_password", "new_password"])
    #expect(throws: Never.self) {
      try rules.check(Password("violet-otter"), field: "p", username: "ann", email: nil)
    }
  }

  private static let dictionary = PasswordDictionary()

  @Test(
    .enabled(if: dictionary != nil, "cracklib's dictionary isn't installed"),
    arguments: [
      ("password", true), ("Password", true), ("sunshine", true), ("sunshine12", true),
      ("computer1", true), ("violet-otter-42", false), ("xkq9-vvt2-pplz", false),
    ])
  func commonPasswords(password: String, isCommon: Bool) {
    let found = PasswordRules(dictionary: Self.dictionary).violations(
      of: Password(password), username: "ann", email: nil)
    #expect(found.contains("This password is too common.") == isCommon)
  }

  @Test func aMissingDictionaryIsNone() {
    #expect(PasswordDictionary(path: "/nonexistent/dictionary") == nil)
  }

  @Test func itIsNowherePrinted() {
    let password = Password("hunter2hunter2")
    #expect("\(password)" == "(hidden)" && String(reflecting: password) == "(hidden)")
  }

  @Test func generatedOnesKeepTheRulesAndDiffer() {
    let rules = PasswordRules(dictionary: Self.dictionary)
    let made = (0..<200).map { _ in Password.generated() }
    #expect(Set(made.map(\.text)).count == 200)
    for (password, text) in made {
      #expect(text.wholeMatch(of: /[a-zA-Z2-9]{5}(-[a-zA-Z2-9]{5}){3}/) != nil, "\(text)")
      #expect(password.text == text)
      #expect(rules.violations(of: password, username: "ann", email: nil) == [])
    }
  }
}

@Suite struct PasswordHashTests {
  private static let password = Password("correct horse")

  @Test func onlyThePasswordMatches() throws {
    let hash = try #require(PasswordHash.make(Self.password.bytes, .cheap))
    #expect(hash.text.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
    #expect(hash.matches(Self.password))
    for other in ["correct horsf", "correct horse ", "", "Correct horse"] {
      #expect(!hash.matches(Password(other)))
    }
    let again = try #require(PasswordHash.make(Self.password.bytes, .cheap))
    #expect(again != hash, "a salt is used once")
  }

  @Test func whatLooksTheSameIsTheSame() throws {
    let hash = try #require(PasswordHash.make(Password("ﬁne Cafe\u{301}").bytes, .cheap))
    #expect(hash.matches(Password("fine Café")))
  }

  @Test(arguments: [
    "", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA", "$2b$12$abcdefghijklmnopqrstuv",
    "pbkdf2_sha256$1000$salt$aGFzaA==",
  ])
  func whatIsNoHashMatchesNothing(text: String) {
    #expect(!PasswordHash(text: text).matches(Self.password))
    #expect(!PasswordHash(text: text).matches(Password("")))
  }

  /// As Django 4 writes them, with the same password and with one that NFKC would change.
  @Test(arguments: [
    ("correct horse", "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso="),
    ("ﬁne Cafe\u{301}", "pbkdf2_sha256$1000$seasalt$MJCB8qdBFvpEHZPF1Mn1IlFS75tSSIWxjQWxV+nouC8="),
  ])
  func djangosHashes(password: String, text: String) throws {
    let hash = try #require(PasswordHash(imported: text))
    #expect(hash.matches(Password(password)))
    #expect(!hash.matches(Password(password + "x")))
    #expect(hash.needsRehash(.cheap))
  }

  @Test func argon2OfDjango() throws {
    let own = try #require(PasswordHash.make(Self.password.bytes, .cheap))
    let hash = try #require(PasswordHash(imported: "argon2" + own.text))
    #expect(hash == own && hash.matches(Self.password))
  }

  @Test(arguments: [
    "", "x", "md5$salt$hash", "pbkdf2_sha256$0$salt$AAAAAAAAAAAAAAAAAAAAAA==",
    "pbkdf2_sha256$99999999999$salt$AAAAAAAAAAAAAAAAAAAAAA==", "pbkdf2_sha256$1000$salt$aGFzaA==",
    "pbkdf2_sha256$1000$$AAAAAAAAAAAAAAAAAAAAAA==", "$argon2id$v=19$m=8,t=1,p=1$AAAA",
    "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
  ])
  func whatIsNotTaken(text: String) { #expect(PasswordHash(imported: text) == nil) }

  @Test func otherParametersAskForANewHash() throws {
    let hash = try #require(PasswordHash.make(Self.password.bytes, .cheap))
    #expect(!hash.needsRehash(.cheap))
    var dearer = PasswordParameters.cheap
    dearer.iterations = 2
    #expect(hash.needsRehash(dearer))
    // A text that merely begins alike.
    dearer = .cheap
    dearer.parallelism = 11
    #expect(hash.needsRehash(dearer))
    #expect(PasswordHash(text: "pbkdf2_sha256$1$a$b").needsRehash(.cheap))
  }
}

@Suite(.timeLimit(.minutes(5))) struct PasswordHasherTests {
  @Test func itHashesAndVerifiesAndCounts() async throws {
    let hasher = try PasswordHasher(parameters: .cheap, threads: 2, limit: 100)
    let hash = try await hasher.hash(Password("one"))
    #expect(try await hasher.verify(Password("one"), hash))
    #expect(try await !hasher.verify(Password("two"), hash))
    #expect(hasher.computations.load(ordering: .relaxed) == 3)
  }

  /// The absence of an account must cost what its presence does.
  @Test func withoutAHashItComputesAllTheSame() async throws {
    let hasher = try PasswordHasher(parameters: .cheap, threads: 1, limit: 100)
    #expect(try await !hasher.verify(Password("one"), nil))
    #expect(try await !hasher.verify(Password(""), nil))
    #expect(hasher.computations.load(ordering: .relaxed) == 2)
  }

  @Test func manyAtOnceAllEnd() async throws {
    let hasher = try PasswordHasher(parameters: .cheap, threads: 2, limit: 200)
    let hash = try await hasher.hash(Password("7"))
    let matching = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<100 {
        group.addTask { try await hasher.verify(Password("\(number % 10)"), hash) }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(matching == 10)
    #expect(hasher.waiting == 0)
  }

  /// What waits here for ever is in sight of whoever looks for lost memory.
  private static let neverDone = Journal<PasswordHasher>()

  /// Without a thread nothing is ever taken, so that the queue is as full as the test makes it.
  @Test func whoComesWhenTooManyWaitIsTurnedAway() async throws {
    let hasher = try PasswordHasher(parameters: .cheap, threads: 0, limit: 2)
    Self.neverDone.note(hasher)
    for _ in 0..<2 { Task { try await hasher.hash(Password("waits")) } }
    while hasher.waiting < 2 { await Task.yield() }
    await #expect(throws: Refusal.busy(retryAfter: 1)) { try await hasher.hash(Password("a")) }
    await #expect(throws: Refusal.busy(retryAfter: 1)) {
      try await hasher.verify(Password("a"), nil)
    }
    #expect(hasher.waiting == 2)
  }
}
